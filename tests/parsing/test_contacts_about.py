"""Opening hours, names, descriptions and people of a page."""

import json

import pytest

import models
from parsing import contacts


def read(html: str, url: str = "https://example.com/") -> models.Contacts:
    return contacts.extract(html, url=url)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Hours: Mon-Fri 9am - 5pm", ["Mon-Fri 9am - 5pm"]),
        ("<p>Mon-Fri<br>9:00 AM - 5:00 PM<br>Sat<br>10:00 AM - 2:00 PM", ["Mon-Fri 9:00 AM - 5:00 PM; Sat 10:00 AM - 2:00 PM"]),
        ("<table><tr><td>Monday<td>9:00 - 17:00<tr><td>Sunday<td>closed</table>", ["Monday 9:00 - 17:00; Sunday closed"]),
        ("<p><b>Monday</b><i>9:00am - 6:00pm</i><br><b>Friday</b><i>Closed</i>", ["Monday 9:00am - 6:00pm; Friday Closed"]),
        (
            "<p>Our business hours are 8 a.m. - 5 p.m. Central Time, Monday-Friday.",
            ["8 a.m. - 5 p.m. Central Time, Monday-Friday."],
        ),
        (
            "<p>Montag bis Freitag: 8:00 - 18:00 Uhr<br>Sonntag geschlossen",
            ["Montag bis Freitag: 8:00 - 18:00 Uhr; Sonntag geschlossen"],
        ),
        ("<p>Du lundi au vendredi de 9h à 18h30", ["lundi au vendredi de 9h à 18h30"]),
        ("<p>Lunes a viernes de 9:00 a 14:00", ["Lunes a viernes de 9:00 a 14:00"]),
        ("<p>Lunedì - Venerdì 8.30 - 12.30", ["Lunedì - Venerdì 8.30 - 12.30"]),
        ("<p>Maandag t/m vrijdag 9.00 - 17.30", ["Maandag t/m vrijdag 9.00 - 17.30"]),
        ("<p>営業時間 10:00～20:00", ["10:00～20:00"]),
        ("<p>月～金 9:00～18:00", ["月～金 9:00～18:00"]),
        ("<p>Open 24 hours a day, 7 days a week", ["24 hours a day, 7 days a week"]),
        ("<p>We reply within 24 hours", []),
        ("<p>From 2010 to 2014 we sat in Rome", []),
        ("<p>Updated Monday, 12.5.2020", []),
    ],
)
def test_hours_in_text(html: str, expected: list[str]) -> None:
    assert [one.written for one in read(html).hours] == expected


def test_hours_of_structured_data_come_first() -> None:
    node = {"@type": "Store", "name": "A", "openingHours": "Mo-Fr 09:00-17:00"}
    found = read(f"<script type='application/ld+json'>{json.dumps(node)}</script><p>Sat 10:00 - 14:00").hours
    assert [(one.written, one.source) for one in found] == [
        ("Mo-Fr 09:00-17:00", "structured data"),
        ("Sat 10:00 - 14:00", "text"),
    ]


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        ("<p>Copyright © 2014 Acme Tools, Inc. All Rights Reserved.", "https://x.com/", ["Acme Tools, Inc."]),
        ("<p>© Café Zürich GmbH | Impressum", "https://x.com/", ["Café Zürich GmbH"]),
        ("<p>Map data ©2014 Google. Copyright infringement is bad", "https://x.com/", []),
        ("<title>Contact us | Acme Tools</title>", "", ["Acme Tools"]),
        ("<title>Cheap hammers - Acme Tools</title>", "https://www.acme-tools.co.uk/", ["Acme Tools"]),
        ("<title>Cheap hammers, fast</title><p>At Hill & Son we care", "https://hillandson.com/", ["Hill & Son"]),
        ("<meta property='og:site_name' content='Acme'>", "", ["Acme"]),
        ("<div class='vcard'><b class='fn org'>Acme</b></div>", "", ["Acme"]),
        ("<p>株式会社青空<br>〒100-0005 東京都千代田区丸の内1-2-3", "", ["株式会社青空"]),
        ("<p>Muster & Sohn GmbH<br>Weg 1", "", ["Muster & Sohn GmbH"]),
    ],
)
def test_names(html: str, url: str, expected: list[str]) -> None:
    assert [one.text for one in read(html, url).names] == expected


def test_the_description_is_of_structured_data_else_of_the_head() -> None:
    node = {"@type": "Organization", "name": "A", "description": " We  sell hammers. "}
    head = "<meta name='Description' content='Hammers'>"
    assert read(f"<script type='application/ld+json'>{json.dumps(node)}</script>{head}").description == "We sell hammers."
    assert read(head).description == "Hammers"
    assert read("<p>x").description is None


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Ada Lovelace, Managing Director", [("Ada Lovelace", "Managing Director")]),
        ("<h3>Russ Collins</h3><p>Executive Director & CEO", [("Russ Collins", "Executive Director & CEO")]),
        ("<p>Geschäftsführer: Karl-Heinz Müller", [("Karl-Heinz Müller", "Geschäftsführer")]),
        ("<p>Directeur de la publication : Jean Dupont", [("Jean Dupont", "Directeur de la publication")]),
        ("<p>代表取締役 山田太郎", [("山田太郎", "代表取締役")]),
        ("<p>Ask Dr. Steven Chang for advice", [("Dr. Steven Chang", None)]),
        ("<div class='vcard'><b class='fn'>Ann Bell</b><i class='title'>Baker</i></div>", [("Ann Bell", "Baker")]),
        ("<p>Customer Service, Sales Manager", []),
        ("<p>Sunny Days<br>Ask our agent for a list of days", []),
    ],
)
def test_people(html: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(one.name, one.role) for one in read(html).people] == expected


def test_a_person_of_structured_data() -> None:
    node = {"@type": "Person", "name": "Ada Lovelace", "jobTitle": "Founder"}
    (found,) = read(f"<script type='application/ld+json'>{json.dumps(node)}</script>").people
    assert (found.name, found.role, found.source, found.position) == ("Ada Lovelace", "Founder", "structured data", None)
