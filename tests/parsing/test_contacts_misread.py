"""What public reports say other readers take for contacts, or take for another kind: registers, columns, reviews, templates."""

import json

import pytest

import models
from parsing.contacts import extract


def found(html: str, url: str = "https://example.de/") -> models.Contacts:
    return extract(f"<html><body>{html}</body></html>", url=url)


def numbers(html: str, url: str = "https://example.com/") -> list[tuple[str, str]]:
    return [(one.e164, one.kind) for one in found(html, url).phones]


def data(**node: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(node)}</script>"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("P. IVA 01234567890", "https://a.it/"),
        ("P.IVA 01234567890 C.F. 01234567890", "https://a.it/"),
        ("Cod. Fisc. e P.I. 03456789012", "https://a.it/"),
        ("NIP: 525-234-43-21 REGON: 012345678", "https://a.pl/"),
        ("Part No. 212-555-2368", "https://a.com/"),
        ("Invoice #: 212-555-2368", "https://a.com/"),
        ("VAT no. 020 7946 0958", "https://a.co.uk/"),
        ("统一社会信用代码：010-12345678", "https://a.cn/"),
        ("06/2017 – 03/2021", "https://a.com/"),
    ],
)
def test_numbers_of_registers_are_no_telephones(text: str, url: str) -> None:
    assert numbers(f"<p>{text}</p>", url) == []


def test_a_telephone_beside_the_number_of_a_register_is_one() -> None:
    assert numbers("<p>P. IVA 01234567890 - T 02 6982</p>", "https://a.it/") == [("+39026982", "phone")]
    assert numbers("<p>To order: (212) 555-2368 06/2017 – 03/2021</p>") == [("+12125552368", "phone")]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("電話番号：03-1234-5678 FAX：03-1234-5679", "https://a.jp/"),
        ("هاتف: 011-4567890 فاكس: 011-4567891", "https://a.com.sa/"),
        ("טלפון: 03-1234567 פקס: 03-1234568", "https://a.co.il/"),
        ("โทร. 02-123-4567 แฟกซ์ 02-123-4568", "https://a.co.th/"),
        ("Τηλ.: 210 1234567 Φαξ: 210 1234568", "https://a.gr/"),
        ("tel. 22 123 45 67, faks 22 123 45 68", "https://a.pl/"),
    ],
)
def test_a_fax_is_told_from_a_telephone_in_other_languages(text: str, url: str) -> None:
    assert [kind for _, kind in numbers(f"<p>{text}</p>", url)] == ["phone", "fax"]


def test_the_columns_of_a_table_tell_faxes_from_telephones() -> None:
    rows = "<tr><td>Rome<td>(212) 555-2368<td>(212) 555-2369<tr><td>Bonn<td>(212) 555-2370<td>(212) 555-2371"
    expected = [(f"+12125552{end}", kind) for end, kind in ((368, "phone"), (369, "fax"), (370, "phone"), (371, "fax"))]
    assert numbers(f"<table><tr><th>Office<th>Phone<th>Fax{rows}</table>") == expected
    assert numbers("<table><tr><td>Phone<td>(212) 555-2368<td>Fax<td>(212) 555-2369</table>") == expected[:2]


def test_of_several_numbers_that_share_their_beginning_the_first_is_read() -> None:
    assert numbers("<p>Tel.: 040 / 123 45-67/68/69", "https://a.de/") == [("+49401234567", "phone")]


def test_a_contact_point_may_be_a_fax() -> None:
    points = [{"telephone": "+1 212 555 2368", "contactType": "Fax"}, {"telephone": "+1 212 555 2369", "contactType": "sales"}]
    assert numbers(data(**{"@type": "Organization", "name": "A", "contactPoint": points})) == [
        ("+12125552368", "fax"),
        ("+12125552369", "phone"),
    ]


def test_contacts_of_reviews_and_brands_are_not_the_page_s() -> None:
    site = {"@type": "Organization", "telephone": "+4570707070"}
    review = {"author": {"@type": "Person", "name": "Bob Ray"}, "publisher": site}
    brand = {"@type": "Organization", "name": "Maker", "email": "info@maker.com"}
    read = found(data(**{"@type": "Product", "name": "Shoe", "brand": brand, "review": [review],
                         "offers": {"seller": {"@type": "Organization", "name": "Shop"}}}))  # fmt: skip
    assert ([one.text for one in read.names], read.emails, read.phones, read.people) == (["Shop"], (), (), ())


@pytest.mark.parametrize(
    ("html", "addresses"),
    [
        ("请发送邮件至info@example.com咨询。", ["info@example.com"]),
        ("お問い合わせはinfo@example.jpまで", ["info@example.jp"]),
        ("info★example.jp", ["info@example.jp"]),
        ("info(アットマーク)example.jp", ["info@example.jp"]),
        ("info kukac example.hu, info[kukac]example.hu", ["info@example.hu"]),
        ("info@xn--e1afmkfd.xn--p1ai", ["info@xn--e1afmkfd.xn--p1ai"]),
        ("info@example.com/sales@example.com", ["info@example.com", "sales@example.com"]),
        ("<a href='mailto://info@example.com'>x</a>", ["info@example.com"]),
        ("<a href='#' data-user='info' data-domain='example.com'>x</a>", ["info@example.com"]),
        ("<a href='#' data-email='info@example.com'>x</a>", ["info@example.com"]),
        ("<a href=\"javascript:location='mailto:\\u0069nfo\\u0040example.com';void 0\">x</a>", ["info@example.com"]),
        ("info-NOSPAM@example.com, infoREMOVETHIS@example.org", ["info@example.com", "info@example.org"]),
        ("nospam@example.com", ["nospam@example.com"]),
        ("Find us at example dot com, or write to sales at example dot com", ["sales@example.com"]),
        ("ubuntu@host.internal, root@db.local", []),
    ],
)
def test_mail_addresses_as_pages_hide_or_glue_them(html: str, addresses: list[str]) -> None:
    assert [one.address for one in found(f"<p>{html}</p>").emails] == addresses


def test_hours_of_structured_data_say_closed_and_for_which_days_alone_they_hold() -> None:
    hours = [
        {"dayOfWeek": ["Monday", "https://schema.org/Tuesday"], "opens": "18:00:00", "closes": "02:00"},
        {"dayOfWeek": "Sunday", "opens": "00:00", "closes": "00:00"},
        {"validFrom": "2026-12-24", "validThrough": "2026-12-25", "opens": "00:00", "closes": "00:00"},
    ]
    read = found(data(**{"@type": "Restaurant", "name": "A", "openingHoursSpecification": hours})).hours
    assert [one.written for one in read] == ["Mo,Tu 18:00-02:00", "Su closed", "2026-12-24 to 2026-12-25: closed"]


def test_a_post_is_no_profile() -> None:
    links = "<a href='https://www.instagram.com/p/abc/'>1</a><a href='https://instagram.com/acme/'>2</a>"
    assert [one.url for one in found(links).social] == ["https://instagram.com/acme"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Geschäftsführer: Dr. Hans Meier, Eva Klein und Max Roe", ["Dr. Hans Meier", "Eva Klein", "Max Roe"]),
        ("Geschäftsführer: Hans Meier (CEO), Eva Klein", ["Hans Meier", "Eva Klein"]),
        ("Managing Directors: Jane Roe & John Doe", ["Jane Roe", "John Doe"]),
        ("Geschäftsführer: Hans Meier, Amtsgericht Berlin, Hauptstraße 1", ["Hans Meier"]),
        ("Inhaber: Hans Meier, Bad Homburg", ["Hans Meier"]),
    ],
)
def test_all_that_a_role_names_are_people_and_no_more(text: str, names: list[str]) -> None:
    assert [one.name for one in found(f"<p>{text}</p>").people] == names


@pytest.mark.parametrize(
    "text",
    ["Пн-Пт: 09:00–18:00, Сб-Вс: выходной", "Pn-Pt 8:00-16:00, Sob nieczynne", "L-V 9:00 a 14:00 y 16:00 a 19:00"],
)
def test_hours_keep_their_days_and_what_is_closed(text: str) -> None:
    assert [one.written for one in found(f"<p>{text}</p>").hours] == [text]
