"""Addresses: unwrapped once and for all, never raising."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsing import urls

WEB = st.builds(
    "https://{}.example/{}?{}".format,
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.from_regex(r"[a-z/]{0,8}", fullmatch=True),
    st.from_regex(r"[a-z]=[a-z&=%]{0,6}", fullmatch=True),
)


@given(WEB, st.sampled_from(["q", "url"]))
def test_a_wrapped_address_comes_out_as_it_went_in(url: str, field: str) -> None:
    wrapped = f"/url?sa=U&{field}={quote(url, safe='')}&ved=x"

    assert urls.unwrap(wrapped) == (url, None)
    assert urls.unwrap(f"/url?q={quote('https://www.google.com' + wrapped, safe='')}") == (url, None)


@given(WEB)
def test_an_unwrapped_address_stays_as_it_is(url: str) -> None:
    assert urls.unwrap(url) == (url, None)


@given(st.text(max_size=80), st.text(max_size=30))
def test_any_text_is_read_as_an_address_or_as_none(text: str, base: str) -> None:
    found = [*urls.unwrap(text, base), urls.absolute(text, base)]
    shown = urls.displayed_host(text)
    host = urls.host_of("https://" + text)

    assert all(url is None or url.lower().startswith(("http://", "https://")) for url in found)
    assert shown is None or ("." in shown and urls.normal_host(shown) == shown)
    assert host is None or (host.isascii() and host == host.lower() and not host.endswith("."))
    assert host is None or ":" in host or urls.normal_host(host) == host


@pytest.mark.parametrize(
    ("href", "url", "goto"),
    [
        ("/goto?url=CAES", None, "https://www.google.com/goto?url=CAES"),
        ("https://www.google.de/goto?url=CAES", None, "https://www.google.de/goto?url=CAES"),
        ("/url?q=/search%3Fq%3Da", None, None),
        ("#top", None, None),
        ("javascript:alert(1)", None, None),
        ("mailto:a@example.com", None, None),
        (None, None, None),
        ("//example.com/a", "https://example.com/a", None),
        ("https://example.com/url?q=https://other.example/", "https://example.com/url?q=https://other.example/", None),
        ("https://www.google.com/amp/s/example.com/a", "https://example.com/a", None),
        ("https://www.google.com/amp/example.com/a", "http://example.com/a", None),
        ("https://www.google.com/maps", "https://www.google.com/maps", None),
        ("https://a.com:99999999/", None, None),
        ("https://a.com/x#:~:text=y", "https://a.com/x#:~:text=y", None),
    ],
)
def test_each_kind_of_link_leads_where_it_leads(href: str | None, url: str | None, goto: str | None) -> None:
    assert urls.unwrap(href) == (url, goto)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://EXAMPLE.com", "example.com"),
        ("https://example.com.:443/", "example.com"),
        ("https://xn--mnchen-3ya.de/", "xn--mnchen-3ya.de"),
        ("https://münchen.de/", "xn--mnchen-3ya.de"),
        ("https://stra\u00dfe.de/", "xn--strae-oqa.de"),
        ("https://i❤.ws/", "xn--i-7iq.ws"),
        ("https://[2001:db8::1]:8080/", "2001:db8::1"),
        ("https://a b.com/", None),
        ("https://", None),
        ("example.com/x", None),
        (None, None),
    ],
)
def test_a_host_has_one_spelling(url: str | None, host: str | None) -> None:
    assert urls.host_of(url) == host


@pytest.mark.parametrize(
    ("cite", "host"),
    [
        ("https://www.example.com › a › b", "www.example.com"),
        ("example.com/a", "example.com"),
        ("www.example.com", "www.example.com"),
        ("https://münchen.de › x", "xn--mnchen-3ya.de"),
        ("30.9K+ likes · 9 months ago", None),
        ("Reddit · r/askscience", None),
        ("3.5", None),
        ("", None),
        (None, None),
    ],
)
def test_a_green_line_shows_a_host_or_nothing(cite: str | None, host: str | None) -> None:
    assert urls.displayed_host(cite) == host


@pytest.mark.parametrize(
    ("url", "host"),
    [  # Google's own table (developers.google.com/search/docs/appearance/ad-network-and-translation, 2025-12-10), and more
        ("https://example-com.translate.goog", "example.com"),
        ("https://foo-example-com.translate.goog", "foo.example.com"),
        ("https://foo--example-com.translate.goog", "foo-example.com"),
        ("https://0-57hw060o-com.translate.goog/?_x_tr_enc=0", "xn--57hw060o.com"),
        ("https://1-en--us-example-com.translate.goog/?_x_tr_enc=1", "en-us.example.com"),
        ("https://0-en----w45as309w-com.translate.goog/?_x_tr_enc=0", "xn--en--w45as309w.com"),
        ("https://1-0-----16pw588q-com.translate.goog/?_x_tr_enc=0,1", "xn----16pw588q.com"),
        ("https://pwllgogerychwyrndrobwllllantysiliogogogoch-co-uk.translate.goog/?_x_tr_hp=lanfair", None),
        ("https://WWW-Example-De.Translate.Goog/a?_x_tr_sl=de&_x_tr_tl=en", "www.example.de"),
        ("https://0-example-com.translate.goog/", "0.example.com"),
        ("https://www-xn----mnchen--3ya-de.translate.goog/", "www.xn--mnchen-3ya.de"),
    ],
)
def test_a_translated_host_is_its_publishers_by_googles_rules(url: str, host: str | None) -> None:
    long = "lanfairpwllgogerychwyrndrobwllllantysiliogogogoch.co.uk"

    assert urls.host_of(urls.unwrap(url).url) == (host or long)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("https://www-a-de.translate.goog/p/q?b=1&_x_tr_sl=de&c=%20&_x_tr_tl=en#top", "https://www.a.de/p/q?b=1&c=%20#top"),
        ("https://www-a-de.translate.goog/?_x_tr_sch=http&_x_tr_sl=de", "http://www.a.de/"),
        ("https://translate.google.com/translate?hl=en&sl=de&u=https://www.a.de/p%3Fx%3D1&prev=search", "https://www.a.de/p?x=1"),
        ("https://translate.google.co.uk/translate?u=www.a.de/p", "http://www.a.de/p"),
        ("https://translate.google.com/website?sl=de&tl=en&u=https%3A%2F%2Fa.de%2F", "https://a.de/"),
        ("http://translate.googleusercontent.com/translate_c?depth=1&u=http://a.de/&usg=x", "http://a.de/"),
        ("/url?q=https://translate.google.com/translate%3Fu%3Dhttps://a.de/&sa=U", "https://a.de/"),
        ("https://webcache.googleusercontent.com/search?q=cache:Ab_-45678901:https://a.de/p+oak+table&cd=1", "https://a.de/p"),
        ("http://webcache.googleusercontent.com/search?q=cache:a.de/p&hl=en", "http://a.de/p"),
        ("https://www.google.de/amp/s/a.de/p?x=1", "https://a.de/p?x=1"),
        ("https://www.google.com/amp/a.de/p", "http://a.de/p"),
        ("https://a-de.cdn.ampproject.org/c/s/a.de/p/amp", "https://a.de/p/amp"),
        ("https://a-de.cdn.ampproject.org/v/s/a.de/p?amp_js_v=0.1&usqp=mq&x=1#amp=1", "https://a.de/p?x=1#amp=1"),
        ("https://cdn.ampproject.org/c/a.de/p", "http://a.de/p"),
        ("https://a-de.cdn.ampproject.org/wp/s/a.de/p", "https://a.de/p"),
        ("https://www.google.com/amp/s/a-de.cdn.ampproject.org/c/s/a.de/p", "https://a.de/p"),
        ("https://www.google.com/amp/s/a.de/p%3Fx%3D1%26usqp%3Dmq331AQ", "https://a.de/p?x=1"),
        ("https://a-de.amp.cloudflare.com/c/s/a.de/p", "https://a.de/p"),
        ("https://googleweblight.com/i?u=https://a.de/p", "https://a.de/p"),
        ("http://googleweblight.com/?lite_url=http://a.de/p&ei=x", "http://a.de/p"),
        ("http://www.google.com/gwt/x?u=http://a.de/p", "http://a.de/p"),
        ("https://docs.google.com/viewer?url=https%3A%2F%2Fa.de%2Fp.pdf&embedded=true", "https://a.de/p.pdf"),
        ("https://docs.google.com/gview?url=http://a.de/p.pdf", "http://a.de/p.pdf"),
        # What only looks like one of them
        ("https://docs.google.com/document/d/1?url=https://b.de/", "https://docs.google.com/document/d/1?url=https://b.de/"),
        ("https://notgoogleweblight.com/i?u=https://b.de/", "https://notgoogleweblight.com/i?u=https://b.de/"),
        ("https://a.de/amp/s/b.de/", "https://a.de/amp/s/b.de/"),
        ("https://a.de/translate?u=https://b.de/", "https://a.de/translate?u=https://b.de/"),
        ("https://translate.goog.evil.test/", "https://translate.goog.evil.test/"),
        ("https://xtranslate.goog/", "https://xtranslate.goog/"),
        ("https://translate.google.com/", "https://translate.google.com/"),
        ("https://camp.test/c/s/a.de", "https://camp.test/c/s/a.de"),
        ("https://notbing-amp.com/c/s/a.de", "https://notbing-amp.com/c/s/a.de"),
        ("https://notcdn.ampproject.org.evil.test/c/s/a.de", "https://notcdn.ampproject.org.evil.test/c/s/a.de"),
    ],
)
def test_googles_copies_are_opened_to_the_publishers_address(href: str, url: str) -> None:
    assert urls.unwrap(href).url == url


@given(st.from_regex(r"(?:[a-z0-9]{1,9}(?:-[a-z0-9]{1,5})?\.){1,3}[a-z]{2,6}", fullmatch=True))
def test_every_host_comes_back_from_its_translated_form(host: str) -> None:
    encoded = host.replace("-", "--").replace(".", "-")

    assert urls.unwrap(f"https://{encoded}.translate.goog/?_x_tr_sl=de").url == f"https://{host}/"
    assert urls.displayed_host(f"{encoded}.translate.goog › a") == host


@given(st.text(max_size=60))
def test_any_text_within_a_copy_is_an_address_or_none(text: str) -> None:
    for base in (
        "https://{}.translate.goog/",
        "https://translate.google.com/translate?u={}",
        "https://a.cdn.ampproject.org/c/s/{}",
    ):
        found = urls.result_of(base.format(text))
        assert found is None or found.url is None or found.url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "href",
    [
        "https://a.test/", "http://a.test/x?y=1", "https://a.test/a/../b", "https://a.test/?", "https://a.test/#", "https://a.test/;x",
        "https://a.test/a;", "https://a.test//b", "https://a.test/a b", "https://a.test:80/", "https://a.test/ü", "HTTPS://A.test/",
    ],
)  # fmt: skip
def test_the_quick_way_and_the_long_way_lead_to_the_same_address(href: str) -> None:
    found = urls.result_of(href)

    assert found == urls.unwrap(href)


@pytest.mark.parametrize(
    "href",
    [
        "https://www.google.com/travel/search?q=hotels",
        "https://www.google.com/travel/hotels?q=hotels",
        "https://www.google.com/travel/hotels/entity/Cg",
        "https://www.google.com/shopping/product/123/offers",
        "https://www.google.com/shopping?q=oak",
        "https://encrypted.google.com/search?q=oak",
        "https://www.google.com/searchbyimage?image_url=x",
        "https://maps.google.com/?cid=5",
        "https://www.google.com/maps?daddr=Oak",
        "https://www.google.com/m?q=oak",
    ],
)
def test_googles_own_searches_and_places_are_no_results(href: str) -> None:
    assert urls.result_of(href) is None


@pytest.mark.parametrize(
    "href",
    [
        "https://www.google.com/travel/hotels",
        "https://www.google.com/travel/flights",
        "https://www.google.com/shopping",
        "https://www.google.com/finance/quote/GOOG",
        "https://shopping.google.com/about",
    ],
)
def test_a_page_of_googles_that_can_rank_is_a_result(href: str) -> None:
    assert urls.result_of(href) == (href, None)


@pytest.mark.parametrize(
    "href",
    [
        "/url?q=//example.com/a?b=1",
        "https://www.google.com/url?url=https%253A%252F%252Fexample.com%252Fa%253Fb%253D1",
        "https://www.google.com/url?sa=t&q=HTTPS%253a%252f%252fexample.com/a?b=1",
    ],
)
def test_a_wrapped_address_may_be_encoded_twice_or_lack_its_scheme(href: str) -> None:
    found = urls.result_of(href)
    assert found is not None and found.url is not None and found.url.lower() == "https://example.com/a?b=1"


@pytest.mark.parametrize(
    "href", ["/url?q=//www.google.com/search?q=a", "/url?q=https%253A%252F%252Fwww.google.com%252Fsearch%253Fq%253Da"]
)
def test_a_wrapper_around_a_search_is_no_result_however_it_is_written(href: str) -> None:
    assert urls.result_of(href) is None
