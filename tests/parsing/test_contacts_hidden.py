"""Addresses and numbers as pages hide, spell and misprint them, as public reports show it."""

import pytest

import models
from parsing import content
from parsing.contacts import extract


def found(html: str, url: str = "https://example.de/") -> models.Contacts:
    return extract(f"<html lang=de><body>{html}</body></html>", url=url)


@pytest.mark.parametrize(
    ("html", "addresses"),
    [
        ("first(dot)last(at)domain(dot)com", ["first.last@domain.com"]),
        ("first [dot] last [at] domain [dot] co [dot] uk", ["first.last@domain.co.uk"]),
        ("identifier[@]domain[.com] or call", ["identifier@domain.com"]),
        ("Write to info [at] example [dot] com. Monday is closed.", ["info@example.com"]),
        ("info [at] example.com. Wir antworten.", ["info@example.com"]),
        ("info<span style='display:none'>nospam</span>@example.de", ["info@example.de"]),
        ("info@<b style='font-size:0'>no-</b>example.de", ["info@example.de"]),
        ("<bdo dir=rtl>ed.elpmaxe@ofni</bdo>, Tel", ["info@example.de"]),
        ("<span style='unicode-bidi:bidi-override; direction: rtl'>ed.elpmaxe@<b>ofni</b></span>", ["info@example.de"]),
        ("info\uff20example.de", ["info@example.de"]),
        ("E-Mail: info@example.de.Telefon: 030", ["info@example.de"]),
        ("info@example.deTelefon", ["info@example.de"]),
        ("%20info@example.com", ["info@example.com"]),
        ("<a href='mailto:?subject=x&to=c@example.de'>m</a>", ["c@example.de"]),
        ("<a href=\"javascript:linkTo_UnCryptMailto('nbjmup+jogpAfybnqmf/ef')\">x</a>", ["info@example.de"]),
        ("<a href='javascript:linkTo_UnCryptMailto(%27nbjmup%2BjogpAfybnqmf%2Fef%27)'>x</a>", ["info@example.de"]),
        ("<a href='#' data-mailto-token='ocknvq,kphqBgzcorng0fg' data-mailto-vector='2'>x</a>", ["info@example.de"]),
        ("info@mail.Example", ["info@mail.example"]),
        ("E-Mail: info @ example.de, Tel. 030", ["info@example.de"]),
        ("Mail: info @example.de", ["info@example.de"]),
        ("Join us @ example.com", []),
        ("Info@Firma.De", ["Info@firma.de"]),
        ("reinhard.naeg...@redacted.com wrote", []),
        ("https://outlook.office.com/book/TestingBuchungsseite@anbieter.de/", []),
        ("<a href='javascript:void(0)' data-mailto-token='x' data-mailto-vector='99999'>x</a>", []),
    ],
)
def test_addresses_are_read_as_a_reader_sees_them(html: str, addresses: list[str]) -> None:
    assert [one.address for one in found(html).emails] == addresses


@pytest.mark.parametrize(
    "href",
    [
        "https://wa.me/491701234567",
        "https://wa.me/+491701234567?text=Hi",
        "whatsapp://send?phone=491701234567",
        "https://api.whatsapp.com/send?text=a&phone=%2B49%20170%201234567",
        "https://api.whatsapp.com/send/?phone=491701234567&type=phone_number",
    ],
)
def test_a_number_in_a_link_to_a_chat_counts(href: str) -> None:
    [phone] = found(f"<a href='{href}'>Chat</a>").phones
    assert (phone.e164, phone.kind, phone.source) == ("+491701234567", "phone", "link")


@pytest.mark.parametrize("href", ["https://wa.me/message/ABCDEF1234567", "https://wa.me/12", "https://wa.example/491701234567"])
def test_a_link_to_a_chat_without_a_number_has_none(href: str) -> None:
    assert found(f"<a href='{href}'>Chat</a>").phones == ()


@pytest.mark.parametrize(
    "text",
    [
        "Stand 05.10.1986 und 03.07 - 17.07.15",
        "03.06-07.06.2015 geöffnet",
        "06/2017 – 03/2021",
        "<img src='2015/10/60577_175694-300x159.jpg'>",
        "IBAN DE89 3704 0044 0532 0130 00",
        "ISBN 978-3-16-148410-0, Bestellung 1234567890123",
        "lat 52.520008, lon 13.404954",
        "08:00 - 12:00 13:00-18:00",
    ],
)
def test_dates_codes_and_times_are_no_numbers(text: str) -> None:
    assert found(text).phones == ()


def test_what_stands_far_outside_of_the_screen_is_not_shown() -> None:
    page = "<p>Write to info<span style='position:absolute; left:-9999px'>spam</span>@example.de or come in.</p>"
    assert [one.address for one in found(page).emails] == ["info@example.de"]
    hidden = (
        f"<h1>Oak</h1><p>{'We make tables of oak. ' * 20}</p><div style='position:absolute;top:-10000px'>{'Obey me. ' * 30}</div>"
    )
    assert "Obey" not in content.extract(f"<html><body>{hidden}</body></html>", "https://a.example/").text


def test_hours_may_stick_to_the_colon_of_their_day() -> None:
    page = (
        "<strong>Sunday – Thursday</strong><strong>:</strong>11:00am – 9:00pm<br><strong>Friday &amp; </strong>Saturday:11am–10pm"
    )
    [hours] = found(page).hours
    assert "Thursday:11:00am – 9:00pm" in hours.written and "Saturday:11am–10pm" in hours.written
