"""Telephone numbers, e-mail addresses and profiles of a page."""

import json

import pytest

import models
from parsing import contacts


def read(html: str, url: str = "https://example.com/") -> models.Contacts:
    return contacts.extract(html, url=url)


def numbers(html: str, url: str = "https://example.com/") -> list[tuple[str, str]]:
    return [(one.e164, one.kind) for one in read(html, url).phones]


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        ("Tel. 030 901820", "https://a.de/", "+4930901820"),
        ("Tél. 01 42 68 53 00", "https://a.fr/", "+33142685300"),
        ("Teléfono: 91 411 11 11", "https://a.es/", "+34914111111"),
        ("Tel: 06 6982", "https://a.it/", "+39066982"),
        ("Bel 020-624 1111", "https://a.nl/", "+31206241111"),
        ("Call 020 7946 0958", "https://a.co.uk/", "+442079460958"),
        ("電話 03-1234-5678", "https://a.jp/", "+81312345678"),
        ("電話：０３－１２３４－５６７８", "https://a.jp/", "+81312345678"),
        ("Phone (212) 555-2368", "https://a.com/", "+12125552368"),
        ("Call 1-800-FLOWERS today", "https://a.com/", "+18003569377"),
        ("<p>Musterstraße 1, 10115 Berlin, Deutschland<p>Tel. 030 901820", "https://a.com/", "+4930901820"),
        ("<html lang='de'><p>Telefon 030/901820", "https://a.com/", "+4930901820"),
        ("<p>London W1<p>Ring us on 020 7946 0958", "https://a.com/", "+442079460958"),
        ("800-555-0199directions", "https://a.com/", "+18005550199"),
    ],
)
def test_a_number_is_read_in_the_country_of_its_page(html: str, url: str, expected: str) -> None:
    assert numbers(html, url) == [(expected, "phone")]


def test_the_country_of_structured_data_is_the_country_of_numbers() -> None:
    node = {"@type": "Organization", "name": "A", "telephone": "030 901820", "address": {"@type": "PostalAddress",
            "streetAddress": "Weg 1", "addressLocality": "Berlin", "addressCountry": "DE"}}  # fmt: skip
    found = read(f"<script type='application/ld+json'>{json.dumps(node)}</script><p>Fax 030 901821").phones
    assert [(one.e164, one.kind, one.source) for one in found] == [
        ("+4930901820", "phone", "structured data"),
        ("+4930901821", "fax", "text"),
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Phone: (212) 555-2368 Fax: (212) 555-2369", ["phone", "fax"]),
        ("<p>(212) 555-2368 (Toll-Free)<br>(212) 555-2369 (Fax)<br>Email: x", ["phone", "fax"]),
        ("Tel/Fax: (212) 555-2368", ["phone"]),
        ("<p>M-F<br>FAX<br>(212) 555-2368", ["fax"]),
        ("T: (212) 555-2368<br>F: (212) 555-2369", ["phone", "fax"]),
        ("<table><tr><td>Fax<td>(212) 555-2368</table>", ["fax"]),
        ("Fax us, or call (212) 555-2368", ["phone"]),
        ("FAX (212) 555-2369. Call (212) 555-2369", ["phone"]),
    ],
)
def test_a_fax_is_told_from_a_telephone(text: str, kinds: list[str]) -> None:
    assert [kind for _, kind in numbers(text)] == kinds


def test_what_is_no_number_is_none() -> None:
    text = "<p>Order 12345678. 2010-2014. 192.168.100.200. 12.05.2019. ISBN 978-3-16-148410-0. SKU 500/600/1200. $1,234,567.00"
    assert numbers(text) == []


def test_a_link_gives_the_number_and_its_place() -> None:
    (found,) = read("<p>Us<p><a href='tel:+1%20212%20555%202368'>Call us</a>").phones
    assert (found.e164, found.written, found.source, found.position) == ("+12125552368", "+1 212 555 2368", "tel: link", 3)
    (shown,) = read("<a href='tel:+12125552368'>(212) 555-2368</a>").phones
    assert shown.written == "(212) 555-2368"


def test_each_number_is_given_once_and_an_extension_makes_another() -> None:
    assert numbers("<a href='tel:2125552368'>212-555-2368</a> +1 212 555 2368") == [("+12125552368", "phone")]
    assert numbers("Call +1 212 555 2368 ext. 12") == [("+12125552368;ext=12", "phone")]


def test_mail_addresses_of_links_text_and_cloudflare() -> None:
    html = """<p><a href="MAILTO:Sales@Example.com?subject=x">Write</a> info [at] example.com
      <a href="/cdn-cgi/l/email-protection#422b2c242d02273a232f322e276c212d2f">hidden</a>
      <span data-cfemail="422b2c242d02273a232f322e276c212d2f">[email protected]</span> logo@2x.png sales@example.com"""
    found = read(html).emails
    assert [(one.address, one.source) for one in found] == [
        ("Sales@example.com", "mailto: link"),
        ("info@example.com", "hidden e-mail"),
    ]
    assert found[0].position == 0


def test_an_address_in_text_keeps_how_it_is_written_and_where() -> None:
    (found,) = read("<p>Write<p>to info (at) example (dot) com today").emails
    assert (found.address, found.written, found.source) == ("info@example.com", "info (at) example (dot) com", "text")
    assert found.position == len("Write\nto ") and found.snippet == "to info (at) example (dot) com today"


def test_profiles_but_no_buttons() -> None:
    html = """<a href="https://www.facebook.com/acme?ref=x">f</a><a href="https://facebook.com/sharer.php?u=1">share</a>
      <a href="//twitter.com/acme">x</a><a href="https://twitter.com/intent/tweet?text=1">tweet</a><a href="https://facebook.com/">f</a>
      <script type="application/ld+json">{"@type":"Organization","name":"A","sameAs":["https://www.linkedin.com/company/acme"]}</script>"""
    found = read(html).social
    assert [(one.network, one.url, one.source) for one in found] == [
        ("linkedin", "https://linkedin.com/company/acme", "structured data"),
        ("facebook", "https://facebook.com/acme", "link"),
        ("x", "https://twitter.com/acme", "link"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("info@example.com.", ["info@example.com"]),
        ("E-Mail:info@example.de", ["info@example.de"]),
        ("info@example.comTel: 030", ["info@example.com"]),
        ("u003einfo@example.com", ["info@example.com"]),
        ("<a href='mailto:Info &lt;info@example.com&gt;'>x</a>", ["info@example.com"]),
        ("<a href='mailto:%20info@example.com'>x</a>", ["info@example.com"]),
        ("605a7baede844d278b89dc95ae0a9123@sentry.example.com", []),
        ("f!@#$%% user@host[1] name@x2image.jpg", []),
    ],
)
def test_mail_addresses_that_other_readers_fail_on(text: str, expected: list[str]) -> None:
    assert [one.address for one in read(f"<p>{text}").emails] == expected


@pytest.mark.parametrize("text", ["123-123-12345 1234567890123", "0052113543 1000558014 2094513638", "SKU 2125552368"])
def test_digits_that_are_no_telephone(text: str) -> None:
    assert numbers(f"<p>{text}") == []


def test_bare_digits_count_where_a_word_says_what_they_are() -> None:
    assert numbers("<p>Phone: 2125552368") == [("+12125552368", "phone")]
