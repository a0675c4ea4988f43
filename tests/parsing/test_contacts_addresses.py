"""Postal addresses as countries write them, in text and in markup."""

import json

import pytest

import models
from parsing import contacts


def read(html: str, url: str = "https://example.com/") -> list[models.Address]:
    return list(contacts.extract(html, url=url).addresses)


def parts(one: models.Address) -> tuple[str | None, str | None, str | None, str | None, str | None]:
    return one.street, one.city, one.region, one.zipcode, one.country


PAGES = [
    # United States and Canada
    (
        "<p>Acme Inc.<br>1435 North Oak Blvd.<br>Suite 300<br>Petaluma, CA 94954",
        "",
        ("1435 North Oak Blvd., Suite 300", "Petaluma", "CA", "94954", "US"),
    ),
    ("<p>Visit us at 12 Elm Street Springfield, IL 62701-1234.", "", ("12 Elm Street", "Springfield", "IL", "62701-1234", "US")),
    ("<p>P.O. Box 441, Salt Lake City, Utah 84101", "", ("P.O. Box 441", "Salt Lake City", "Utah", "84101", "US")),
    (
        "<table><tr><td>20100 N. 51st Ave Suite #D-410<br>Glendale, Az. 85308</table>",
        "",
        ("20100 N. 51st Ave Suite #D-410", "Glendale", "Az", "85308", "US"),
    ),
    (
        "<p>411 Lake Pkwy Suite 12<br>Concord, ON L4K 0A8<br>Canada",
        "",
        ("411 Lake Pkwy Suite 12", "Concord", "ON", "L4K 0A8", "CA"),
    ),
    # United Kingdom, Ireland, Australia
    (
        "<p>Acme Ltd<br>12-14 High Street<br>Guildford<br>Surrey<br>GU1 3AA",
        "https://acme.co.uk/",
        ("12-14 High Street", "Guildford", "Surrey", "GU1 3AA", "GB"),
    ),
    ("<p>Unit 4, Station Road, Leeds, LS1 4DY, United Kingdom", "", ("Unit 4, Station Road", "Leeds", None, "LS1 4DY", "GB")),
    ("<p>Level 3, 25 Collins Street<br>Melbourne VIC 3000", "", ("Level 3, 25 Collins Street", "Melbourne", "VIC", "3000", "AU")),
    # Germany, Austria, Switzerland
    (
        "<p>Muster GmbH<br>Musterstraße 12a<br>10115 Berlin<br>Deutschland",
        "",
        ("Musterstraße 12a", "Berlin", None, "10115", "DE"),
    ),
    ("<p>Am Alten Markt 7, D-80331 München", "", ("Am Alten Markt 7", "München", None, "80331", "DE")),
    ("<p>Wiener Gasse 5/2<br>A-1010 Wien", "", ("Wiener Gasse 5/2", "Wien", None, "1010", "AT")),
    ("<p>Bahnhofstrasse 1<br>8001 Zürich", "https://example.ch/", ("Bahnhofstrasse 1", "Zürich", None, "8001", "CH")),
    (
        "<p>Lindenallee 3<br>60313 Frankfurt am Main",
        "https://example.de/",
        ("Lindenallee 3", "Frankfurt am Main", None, "60313", "DE"),
    ),
    # France, Belgium
    (
        "<p>12 bis, rue de la Paix<br>75002 PARIS CEDEX 02",
        "https://example.fr/",
        ("12 bis, rue de la Paix", "PARIS", None, "75002", "FR"),
    ),
    ("<p>48 avenue Jean Jaurès - 69007 Lyon", "https://example.fr/", ("48 avenue Jean Jaurès", "Lyon", None, "69007", "FR")),
    ("<p>Rue Neuve 123, 1000 Bruxelles, Belgique", "", ("Rue Neuve 123", "Bruxelles", None, "1000", "BE")),
    # Spain, Portugal, Italy
    ("<p>Calle de Alcalá, 45, 3º B<br>28014 Madrid<br>España", "", ("Calle de Alcalá, 45, 3º B", "Madrid", None, "28014", "ES")),
    ("<p>C/ Mayor 3, 08001 Barcelona", "https://example.es/", ("C/ Mayor 3", "Barcelona", None, "08001", "ES")),
    ("<p>Rua Augusta 24<br>1100-053 Lisboa<br>Portugal", "", ("Rua Augusta 24", "Lisboa", None, "1100-053", "PT")),
    ("<p>Via Roma, 15 - 20121 Milano (MI)", "https://example.it/", ("Via Roma, 15", "Milano", "MI", "20121", "IT")),
    # the Netherlands, Scandinavia, Poland
    (
        "<p>Keizersgracht 123<br>1015 CJ Amsterdam",
        "https://example.nl/",
        ("Keizersgracht 123", "Amsterdam", None, "1015 CJ", "NL"),
    ),
    ("<p>Drottninggatan 5<br>111 51 Stockholm<br>Sweden", "", ("Drottninggatan 5", "Stockholm", None, "111 51", "SE")),
    ("<p>Vestergade 10<br>1456 København", "https://example.dk/", ("Vestergade 10", "København", None, "1456", "DK")),
    (
        "<p>ul. Marszałkowska 10<br>00-590 Warszawa",
        "https://example.pl/",
        ("ul. Marszałkowska 10", "Warszawa", None, "00-590", "PL"),
    ),
    # Japan, Asia
    ("<p>〒100-0005 東京都千代田区丸の内1-2-3", "https://example.jp/", ("丸の内1-2-3", "千代田区", "東京都", "100-0005", "JP")),
    ("<p>大阪府大阪市北区梅田3丁目1-1", "https://example.jp/", ("梅田3丁目1-1", "大阪市北区", "大阪府", None, "JP")),
    (
        "<p>2-28-8 Honkomagome<br>Bunkyo-ku<br>Tokyo 113-0021<br>Japan",
        "",
        ("2-28-8 Honkomagome", "Tokyo", None, "113-0021", "JP"),
    ),
]


@pytest.mark.parametrize(("html", "url", "expected"), PAGES)
def test_an_address_in_text_is_read_as_its_country_writes_it(html: str, url: str, expected: tuple[str | None, ...]) -> None:
    assert [parts(one) for one in read(html, url or "https://example.com/")] == [expected]


def test_an_address_says_where_it_stands() -> None:
    found = contacts.extract("<h1>Us</h1><p>Acme<br>1 Main St.<br>Springfield, IL 62701", url="https://example.com/").addresses[0]
    assert (found.source, found.position) == ("text", len("Us\nAcme\n"))
    assert found.written == "1 Main St. Springfield, IL 62701"
    assert "1 Main St." in found.snippet


def test_structured_data_comes_first_and_takes_its_place_from_the_text() -> None:
    node = {"@type": "LocalBusiness", "address": {"@type": "PostalAddress", "streetAddress": "1 Main St.",
            "addressLocality": "Springfield", "addressRegion": "IL", "postalCode": "62701", "addressCountry": "USA"}}  # fmt: skip
    html = f"<script type='application/ld+json'>{json.dumps(node)}</script><p>1 Main St., Springfield, IL 62701"
    (found,) = read(html)
    assert (parts(found), found.source, found.position) == (
        ("1 Main St.", "Springfield", "IL", "62701", "US"),
        "structured data",
        0,
    )


def test_microdata_rdfa_and_open_graph_are_read() -> None:
    micro = """<div itemscope itemtype="https://schema.org/Store"><p itemprop="address" itemscope
      itemtype="https://schema.org/PostalAddress"><i itemprop="streetAddress">Weg 5</i><i itemprop="addressLocality">Bonn</i>
      <i itemprop="postalCode">53111</i></p></div>"""
    graph = (
        "<meta property='business:contact_data:street_address' content='Weg 5'><meta"
        " property='business:contact_data:locality' content='Bonn'>"
    )
    rdfa = (
        "<p vocab='https://schema.org/' typeof='PostalAddress'><b property='streetAddress'>Weg 5</b><b"
        " property='addressLocality'>Bonn</b>"
    )
    for html in (micro, graph, rdfa):
        (found,) = read(html)
        assert (found.street, found.city, found.source) == ("Weg 5", "Bonn", "structured data")


def test_hcard_names_the_parts_by_classes() -> None:
    html = """<div class="vcard"><span class="fn org">Acme</span><p class="adr"><span class="street-address">Haus am See</span>
      <span class="postal-code">12345</span> <span class="locality">Seedorf</span></p></div>"""
    (found,) = read(html)
    assert (found.street, found.city, found.zipcode, found.source) == ("Haus am See", "Seedorf", "12345", "markup")


@pytest.mark.parametrize(
    "text",
    [
        "In summer 2013 Berlin was full.",
        "Page 1 of 1003 Results",
        "We sold 12000 Units in May 30 2014 Edition",
        "Order 20121 Milano chairs",
        "call now, OK 12345 people did",
        "7 minutes from the border crossing, Blaine, WA 98230"[:0] + "Version 5.0.10115 Beta",
    ],
)
def test_prose_is_no_address(text: str) -> None:
    assert read(f"<p>{text}") == []


def test_an_address_that_stands_twice_is_given_once() -> None:
    block = "<p>1 Main St.<br>Springfield, IL 62701</p>"
    assert len(read(block + "<footer>1 MAIN ST, SPRINGFIELD, IL 62701</footer>" + block)) == 1


def test_a_house_with_a_name_is_a_part_of_its_street() -> None:
    (found,) = read("<p>Acme Ltd<br>The Old Mill<br>Mill Lane<br>Bakewell<br>Derbyshire<br>DE45 1AA")
    assert parts(found) == ("The Old Mill, Mill Lane", "Bakewell", "Derbyshire", "DE45 1AA", "GB")


REPORTED = [  # kinds that readers of addresses in other products were reported to fail on
    ("32 Avenue C, New York, NY 10036", ("32 Avenue C", "New York", "NY", "10036", "US")),
    ("351 King St. #400, San Francisco, CA, 94158", ("351 King St. #400", "San Francisco", "CA", "94158", "US")),
    ("20555 Devon Street #116 Chatsworth CA 91311", ("20555 Devon Street #116", "Chatsworth", "CA", "91311", "US")),
    ("5717 S. IH-35, Ste. 101 Austin, TX 78744", ("5717 S. IH-35, Ste. 101", "Austin", "TX", "78744", "US")),
    ("623 H St NW Floor 3 Washington DC 20001", ("623 H St NW Floor 3", "Washington", "DC", "20001", "US")),
    ("1607 23rd Street NW, Washington, DC 20008", ("1607 23rd Street NW", "Washington", "DC", "20008", "US")),
    ("12 WEST ALPINE STREET SANTA ANA , CALIFORNIA 92704", ("12 WEST ALPINE STREET", "SANTA ANA", "CALIFORNIA", "92704", "US")),
    (
        "200 Trade Center, Room 540 - 5th Floor, Woburn, MA 01801",
        ("200 Trade Center, Room 540, 5th Floor", "Woburn", "MA", "01801", "US"),
    ),
    ("123 Main St,Foo,NJ", ("123 Main St", "Foo", "NJ", None, "US")),
    ("8522 North Lamar Austin, TX 78753", (None, None, "TX", "78753", "US")),  # nothing parts street and town
    ("Straße des 17. Juni 135, 10623 Berlin, Deutschland", ("Straße des 17. Juni 135", "Berlin", None, "10623", "DE")),
    ("Piazza San Marco 1, 30124 Venezia VE, Italia", ("Piazza San Marco 1", "Venezia", "VE", "30124", "IT")),
    ("Av. Paulista, 1578 - Bela Vista, São Paulo - SP, 01310-200", ("Av. Paulista, 1578", "São Paulo", "SP", "01310-200", "BR")),
]


@pytest.mark.parametrize(("text", "expected"), REPORTED)
def test_what_other_readers_fail_on(text: str, expected: tuple[str | None, ...]) -> None:
    assert [parts(one) for one in read(f"<p>{text}")] == [expected]


def test_an_address_element_in_an_unknown_form_is_kept_as_it_is_written() -> None:
    (found,) = read("<address>Haus 7<br>Am Waldrand<br>Seedorf<br>Tel. 030 901820<br>a@b.de</address>")
    assert (found.written, found.source, found.street) == ("Haus 7, Am Waldrand, Seedorf", "markup", None)
    assert read("<address>by Ada Bell<br>12 May 2014</address><address>Call<br>212-555-2368</address>") == []
