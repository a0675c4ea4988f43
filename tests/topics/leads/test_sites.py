"""The site of a company: one company whatever is typed for its address, and two where two share a host."""

import pytest

import errors
from lead_models import Fact
from state.leads import companies
from topics.leads import keeping, sites


@pytest.mark.parametrize(
    "text",
    [
        *(
            "domain.com",
            "domain.com/",
            "http://domain.com",
            "www.domain.com",
            "https://www.domain.com",
            "HTTPS://WWW.DOMAIN.COM/",
        ),
        *("//domain.com", "domain.com.", "http://domain.com:8080", "https://domain.com/en/home?x=1", "ww2.domain.com"),
        *(
            "http:/domain.com",
            "http//domain.com",
            "https://https://domain.com",
            "http://http://www.domain.com",
            "https:domain.com",
        ),
        *("httpss://domain.com", "ttp://domain.com", "htttp://domain.com", "ttps://domain.com", "https://http//domain.com"),
        *(
            "[domain.com](https://domain.com)",
            "<a href='http://domain.com/x'>x</a>",
            "https://domain.com\u200b",
            "\u00a0domain.com",
        ),
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fdomain.com%2F&h=x",
        "https://www.youtube.com/redirect?event=x&q=https%3A%2F%2Fwww.domain.com",
        "https://www.google.com/url?q=https://domain.com/&sa=U",
    ],
)
def test_one_site_has_one_domain(text: str) -> None:
    assert sites.domain_of(sites.canonical(text)) == "domain.com"


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("http.com", "https://http.com/"),
        ("ttp.example", "https://ttp.example/"),
        ("//http.org", "https://http.org/"),
        ("http//example.com", "http://example.com/"),
        ("HTTPS//example.com", "https://example.com/"),
        ("https://www.youtube.com/redirect?v=1", "https://www.youtube.com/redirect?v=1"),
    ],
)
def test_a_scheme_is_read_as_it_was_meant_and_no_name_is_cut(text: str, site: str) -> None:
    assert sites.canonical(text) == site


@pytest.mark.parametrize(
    "text", ["domain,com", "domain.com (closed)", "n/a", "none", "-", "http://", "info@domain.com", "https://"]
)
def test_what_is_no_site_is_refused(text: str) -> None:
    with pytest.raises(errors.DataError):
        sites.canonical(text)


@pytest.mark.parametrize(
    "host",
    [
        *("business.site", "godaddysites.com", "weebly.com", "jimdofree.com", "wordpress.com", "square.site", "webnode.fr"),
        *("eatbu.com", "tumblr.com", "etsy.com", "myshopify.com", "wixsite.com", "web.app", "negocio.site", "canva.site"),
    ],
)
def test_two_companies_on_the_host_of_a_builder_are_two(host: str) -> None:
    one, other = (
        keeping.put([{"name": _typed(name), "site": _typed(f"https://{label}.{host}/about")}], owner="")[0]
        for name, label in (("Bakery Huber", "huber"), ("Garage Novak", "www.novak-cars"))
    )
    assert one.id != other.id
    again = keeping.put([{"name": _typed("Huber"), "site": _typed(f"huber.{host}")}], owner="")[0]
    assert again.id == one.id and companies.count(None) == 2


def _typed(value: str) -> Fact:
    return Fact(value=value, source="typed", at_ms=1)


@pytest.mark.parametrize("host", ["gmail.com", "www.gmx.de", "yahoo.co.uk", "t-online.de", "https://mail.ru/", "outlook.com"])
def test_the_host_of_a_mail_provider_is_the_site_of_nobody_else(host: str) -> None:
    made = [keeping.put([{"name": _typed(name), "site": _typed(host)}], owner="")[0].id for name in ("Huber", "Novak")]
    assert len(set(made)) == 2


def test_a_mail_provider_has_its_site() -> None:
    assert sites.domain_of("https://gmx.de/", "GMX GmbH") == "gmx.de"


def test_a_town_is_one_however_its_umlauts_are_written() -> None:
    made = {
        keeping.put([{"name": _typed("Acme"), "city": _typed(city)}], owner="")[0].id
        for city in ("Köln", "Koeln", "KÖLN", "Koln")
    }
    assert len(made) == 1
