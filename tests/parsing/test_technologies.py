"""What a site is made with: each sign counts where it should, and what has misled other readers does not.

The reports are those of Wappalyzer and its relatives; their numbers stand beside them.
"""

import doctest

import pytest

from errors import ConfigError
from parsing import tech_signs, technologies, tree

URL = "https://www.a.example/page"


def found(html: str, url: str = URL, **headers: str) -> list[str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return [one.name for one in technologies.find(technologies.shipped(), tree.parse(html), url, sent)]


def test_the_examples_are_true() -> None:
    assert not doctest.testmod(technologies).failed and not doctest.testmod(tech_signs).failed


@pytest.mark.parametrize(
    ("html", "name"),
    [
        ("<meta name=Generator content='WordPress 6.8.1'>", "WordPress"),
        ("<link rel=stylesheet href='/wp-content/themes/x/style.css'>", "WordPress"),
        ("<script src='https://a.example/wp-includes/x.js'></script>", "WordPress"),
        ("<link rel='https://api.w.org/' href='/wp-json/'>", "WordPress"),
        ("<script src='//js.stripe.com/v3/'></script>", "Stripe"),
        ("<script src='https://m.stripe.network.js.stripe.com/v3'></script>", "Stripe"),
        ("<script src='/js/jquery-3.7.1.min.js?v=1'></script>", "jQuery"),
        ("<script src='https://cdnjs.cloudflare.com/d3/7.8.5/d3.min.js'></script>", "D3"),
        ("<script>(function(w){j.src='https://www.googletagmanager.com/gtm.js?id='+i})()</script>", "Google Tag Manager"),
        ("<script async src='https://www.googletagmanager.com/gtag/js?id=G-ABC'></script>", "Google Analytics"),
        ("<script>gtag('config', 'AW-123')</script>", "Google Ads"),
        ("<script id=__NEXT_DATA__ type='application/json'>{}</script>", "Next.js"),
        ("<app-root ng-version='17.1'></app-root>", "Angular"),
        ("<form action='https://x.us1.list-manage.com/subscribe'></form>", "Mailchimp"),
        ("<script>Shopify.theme = {}</script>", "Shopify"),
        ("<script src='https://cdn.shopify.com/a.js'></script><link rel=stylesheet href='/cdn/shop/t/1.css'>", "Shopify"),
    ],
)
def test_a_sign_shows_a_technology(html: str, name: str) -> None:
    assert name in found(html)


def test_headers_and_cookies_show_what_serves_a_site() -> None:
    sent = {"server": "nginx/1.27.1", "x_powered_by": "PHP/8.3, ASP.NET", "set_cookie": "JSESSIONID\n_shopify_s=x; path=/"}
    assert found("", **sent) == ["Shopify", "ASP.NET", "PHP", "Java", "nginx"]


@pytest.mark.parametrize(
    ("html", "headers", "wrong"),
    [
        # wappalyzer #1729, #1567: a page that talks about a thing, in its text, its address or the query of a script
        ("<p>How we left WordPress and Backbone.js for jQuery, see /wp-content/</p>", {}, ["WordPress", "jQuery"]),
        ("<script src='https://ads.example/x.js?tags=jquery.js,/wp-content/'></script>", {}, ["WordPress", "jQuery"]),
        ("<script src='/x.js?from=/wp-content/'></script>", {}, ["WordPress"]),
        ("<script src='https://xjs.stripe.com/v3/'></script>", {}, ["Stripe"]),
        # wappalyzer #1505, #1175: a name at the end of a hash, or within another name
        ("<script src='/assets/8f3ad3.js'></script><script src='/linkid3.js'></script>", {}, ["D3"]),
        ("<script src='/js/notjquery.js'></script><script src='/js/jquery.notes.js'></script>", {}, ["jQuery"]),
        # webappanalyzer #223, #313: what other sites load, and hints for the browser
        ("<img src='https://blog.example/wp-content/x.png'><link rel='dns-prefetch' href='//s.w.org'>", {}, ["WordPress"]),
        ("<script src='https://cdn.example/wp-includes/a.js'></script>", {}, ["WordPress"]),
        ("<a href='/wp-content/uploads/flyer.pdf'>Flyer</a>", {}, ["WordPress"]),
        # wappalyzer #4593: the name of a host is no version; #1306: another generator that begins alike
        ("<meta name=generator content='Wordpresso'>", {}, ["WordPress"]),
        ("<meta name=generator content='made for WordPress lovers'>", {}, ["WordPress"]),
        ("", {"server": "Apache-Coyote/1.1"}, ["Apache"]),
        ("", {"server": "cloudflared-tunnel"}, ["Cloudflare"]),
        (
            '<script type=\'application/ld+json\'>{"text": "https://www.googletagmanager.com/gtm.js"}</script>',
            {},
            ["Google Tag Manager"],
        ),
        ("<a href='https://calendly.com/me'>Book</a>", {}, ["Calendly"]),
        ("<script src='https://cdn.shopify.com/buy-button.js'></script>", {}, ["Shopify"]),
        (
            "<script src='https://evil-js.stripe.com.example/v3'></script><script src='https://notjs.stripe.community/'></script>",
            {},
            ["Stripe"],
        ),
    ],
)
def test_what_misled_others_shows_nothing(html: str, headers: dict[str, str], wrong: list[str]) -> None:
    assert not set(found(html, "https://www.a.example/?option=com_users", **headers)) & set(wrong)


def test_the_signs_are_told_and_bounded() -> None:
    html = "<meta name=generator content=WordPress><link rel=stylesheet href='/wp-content/a.css'>"
    html += "<script src='/wp-includes/a.js'></script><link rel='https://api.w.org/' href='/wp-json/'>"
    [one] = technologies.find(technologies.shipped(), tree.parse(html), URL, {})
    assert (one.category, one.signs) == (
        "cms",
        ("generator:WordPress", 'css:link[rel="https://api.w.org/"]', "path:/wp-content/"),
    )


def test_every_row_can_be_found_by_its_signs() -> None:
    """wappalyzergo #39: a third of a table could never be found, because nobody looked for what its rows ask for."""
    for row in technologies.shipped().values():
        assert row.signs or len(row.hints) > 1, row
        assert all(sign.partition(":")[0] in tech_signs.CHECKS for sign in (*row.signs, *row.hints)), row


def test_a_file_of_a_user_adds_rows_and_signs() -> None:
    table = technologies.read(
        "Own CMS\tcms\tgenerator:Own\nWordPress\tcms\tmeta:wp-own\n# a comment\n\n", "own.tsv", technologies.shipped()
    )
    assert len(table) == len(technologies.shipped()) + 1
    assert "meta:wp-own" in table["WordPress"].signs and "meta:wp-own" not in technologies.shipped()["WordPress"].signs
    page = tree.parse("<meta name=generator content='Own 2'><meta name=wp-own content=x>")
    assert [one.name for one in technologies.find(table, page, URL, {})] == ["WordPress", "Own CMS"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Own CMS", "line 2: a row is a name, a category and signs"),
        ("Own\tcms\t", "line 2: a row is a name, a category and signs"),
        ("Own\tcms\tjs:window.x", "line 2: 'js:window.x' is no sign: write one of header, cookie"),
        ("Own\tcms\tgenerator", "is no sign"),
        ("Own\tcms\tpath:/", "so short that every site would show it"),
        ("Own\tcms\tcookie:*", "so short that every site would show it"),
        ("Own\tcms\tcss:a[[", "its selector cannot be read"),
    ],
)
def test_a_row_that_is_wrong_is_named(line: str, says: str) -> None:
    with pytest.raises(ConfigError) as raised:
        technologies.read(f"# own\n{line}\n", "own.tsv")
    assert str(raised.value).startswith("own.tsv, line 2") and says in str(raised.value)


def test_a_hostile_page_is_read_in_bounded_time() -> None:
    scripts = "".join(f"<script src='/{n}-{'1.' * 50}js'></script>" for n in range(3000))
    inline = f"<script>{'gtag(' * 300_000}</script>"
    assert found(scripts + inline) == []
