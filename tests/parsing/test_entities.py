"""Entities and summaries of hand-written pages, and floors on the recorded ones."""

import gzip
import json
import re
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from parsing import emails, entities, opening_hours, phones, prices, serp_text, structured, summaries, tree
from tests.parsing import samples

HERE = "https://www.example.co.uk/"


def of(html: str, kind: str, url: str = HERE) -> list[str]:
    page = LexborHTMLParser(html)
    found = entities.of(page, structured.of(page, url), url, "en-GB")
    json.dumps([[one.kind, one.text, one.value, one.source] for one in found])
    return [one.value for one in found if one.kind == kind]


@pytest.mark.parametrize(
    ("html", "addresses"),
    [
        ("<p>Ada.L@Example.com, or info@example.co.uk.", ["Ada.L@example.com", "info@example.co.uk"]),
        ("<a href='mailto:a@example.com,b@example.com?subject=x'>mail</a>", ["a@example.com", "b@example.com"]),
        ("<a href='mailto:%61@example.com'>a@example.com</a>", ["a@example.com"]),
        ("<span class=__cf_email__ data-cfemail=422b2c242d02273a232f322e276c212d2f>[email&#160;protected]</span>",
        ["info@example.com"]),
        ("<a href=/cdn-cgi/l/email-protection#422b2c242d02273a232f322e276c212d2f>x</a>", ["info@example.com"]),
        ("<p>info [at] example [dot] com", ["info@example.com"]),
        ("<p>info(at)example.com, info at example dot org", ["info@example.com", "info@example.org"]),
        ("<p>info<b>@</b>example.com", ["info@example.com"]),
        ("<noscript>a at example dot com</noscript>", ["a@example.com"]),
        ("<table><td>a@example.com<td>b@example.com", ["a@example.com", "b@example.com"]),
        ("<p>logo@2x.png, @ada, a@b, 3@4.5, x@y@example.com", []),
        ("<p>https://outlook.example.com/book/Page@example.com/", []),
        ("<a data-cfemail=5118151e1d1c1102051403>IDOLM@STER</a>", []),
    ],
)  # fmt: skip
def test_e_mail_addresses_are_found_plain_spelled_and_hidden(html: str, addresses: list[str]) -> None:
    assert of(html, "email") == addresses


@pytest.mark.parametrize(
    ("html", "url", "numbers"),
    [
        ("<p>Call 020 7946 0958 now", HERE, ["+442079460958"]),
        ("<a href=tel:02079460958>call</a>", HERE, ["+442079460958"]),
        ("<p>Tel: (212) 555-2368Fax: (212) 555-2369", "https://example.com/", ["+12125552368", "+12125552369"]),
        (
            "<table><td>ZIP 95050-2624<td>408 736 2822<td>408 727 8447",
            "https://example.com/",
            ["+14087362822", "+14087278447"],
        ),
        ("<p>Server 5.167.214.238, SKU 123456789012345, 2020-03-20, 500/600/1200", "https://example.com/", []),
        ("<p>+49 30 901820", HERE, ["+4930901820"]),
    ],
)
def test_telephone_numbers_are_read_in_the_country_of_the_page(html: str, url: str, numbers: list[str]) -> None:
    assert of(html, "phone", url) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "05.10.1986 03.05.1987",
        "04.06.-07.06 03.07 - 17.07.15",
        "16.8.-1.9",
        "08.06  - 22.06",
        "07.08. - 25.08",
        "03/2015 – 03/2016",
    ],
)
def test_dates_and_spans_of_dates_are_no_telephone_numbers(text: str) -> None:
    assert list(phones.find(text, "DE", "US")) == []


def test_numbers_written_like_dates_stay_numbers() -> None:
    found = [number for _, number in phones.find("01.30.90.18.20 et 06.12.34.56.78", "FR")]
    assert found == ["+33130901820", "+33612345678"]


def test_structured_data_gives_address_hours_organisation_price_and_profiles() -> None:
    shop = {
        "@type": "Restaurant", "name": "Oak", "telephone": "020 7946 0958", "email": "mailto:eat@example.com",
        "address": {"@type": "PostalAddress", "streetAddress": "1 High St", "postalCode": "N1 1AA",
        "addressLocality": "London"},
        "openingHoursSpecification": [{"dayOfWeek": ["https://schema.org/Monday", "Tuesday"], "opens": "09:00:00",
        "closes": "17:00"}],
        "sameAs": ["https://www.facebook.com/oak?ref=x", "https://example.org/"],
        "makesOffer": {"@type": "Offer", "price": "12.500", "priceCurrency": "EUR"},
    }  # fmt: skip
    html = f'<script type="application/ld+json">{json.dumps(shop)}</script><a href=https://twitter.com/share?url=x>t</a>'
    found = {kind: of(html, kind) for kind in ("organization", "phone", "email", "address", "hours", "profile", "price")}
    assert found == {
        "organization": ["Oak"], "phone": ["+442079460958"], "email": ["eat@example.com"],
        "address": ["1 High St, N1 1AA, London"],
        "hours": ["Mo,Tu 09:00-17:00"], "profile": ["https://facebook.com/oak"], "price": ["12.500 EUR"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$1,299.00", "1299.00 USD"), ("1.299,50 €", "1299.50 EUR"), ("CHF 12'000", "12000 CHF"), ("49 kr", "49 SEK"),
        ("£5", "5 GBP"),
        ("R$ 1.234,56", "1234.56 BRL"), ("1 299,- Kč", "1299 CZK"), ("￥1,200", "1200 JPY"), ("12€", "12 EUR"),
        ("₹1,23,456", "123456 INR"),
        ("EUR 0.99", "0.99 EUR"), ("version 1.2 EURO", None), ("A4", None), ("10.000.00 €", None),
    ],
)  # fmt: skip
def test_prices_are_read_in_local_spellings(text: str, found: str | None) -> None:
    assert next((f"{price.amount} {price.currency}" for price in prices.find(text)), None) == found


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("Mon-Fri 9am - 5pm", True), ("Montag bis Freitag: 8:00-18:00 Uhr", True), ("Lundi au vendredi de 9h à 18h", True),
        ("24 hours a day, 7 days a week", True), ("月-金 9:00-18:00", True), ("Published Monday 9:15", False),
        ("Call 212-555-2368", False),
    ],
)  # fmt: skip
def test_lines_with_days_and_times_are_hours(text: str, is_open: bool) -> None:
    assert list(opening_hours.in_text(text)) == ([text] if is_open else [])


HOSTILE = [
    "a" * 200_000, "a@" * 100_000, "1 " * 100_000, "1." * 100_000, "a at " * 40_000, "a (at) b." * 20_000, "$1 " * 60_000,
    " " * 200_000,
    "(1" * 100_000, "9:00-" * 40_000, "x at y dot " * 18_000, "a_at_b." * 28_000, "1-" * 100_000, "mon 9am-" * 25_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:8] for text in HOSTILE])
def test_hostile_texts_are_read_in_one_pass_and_give_a_bounded_list(text: str) -> None:
    assert len(entities.of_text(text)) <= 8 * entities.MAX_OF_A_KIND


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "Menu\nDr. Ada L. Lovelace wrote e.g. the first program in 1843. It computed numbers for a whole machine! Share",
            ["Dr. Ada L. Lovelace wrote e.g. the first program in 1843.", "It computed numbers for a whole machine!"],
        ),
        (
            "Am 3. Oktober feiern wir z.B. in der Stadt mit ca. 100 Leuten. Danach gehen alle zusammen wieder nach Hause.",
            ["Am 3. Oktober feiern wir z.B. in der Stadt mit ca. 100 Leuten.", "Danach gehen alle zusammen wieder nach Hause."],
        ),
        (
            "彼は昨日の夜に東京から来ました。はい。彼女は大阪の家へ帰りました。",
            ["彼は昨日の夜に東京から来ました。", "彼女は大阪の家へ帰りました。"],
        ),
        ("We use cookies to give you the best experience on this site of ours.", []),
        ("Short. Words only\nNo end of the sentence in this line at all", []),
        ("", []),
    ],
)
def test_a_summary_is_the_first_good_sentences(text: str, sentences: list[str]) -> None:
    assert summaries.of(text) == sentences


@pytest.mark.parametrize("text", [". " * 20_000, "Dr. " * 10_000, "\n" * 40_000, '."' * 20_000, "a b c d e f. " * 3_000])
def test_hostile_texts_give_short_summaries(text: str) -> None:
    assert len("".join(summaries.of(text))) <= 3 * summaries.MAX_SENTENCE_CHARS


def digits(number: str) -> str:
    """The last seven digits, without an extension."""
    return re.sub(r"\D", "", re.sub(r"(?i);?ext.*|x\d+$|\d+[ap]m.*", "", number))[-7:]


def rates(found: set[str], known: set[str], counts: dict[str, int]) -> None:
    counts["right"] += len(found & known)
    counts["missed"] += len(known - found)
    counts["wrong"] += len(found - known)


def test_telephone_numbers_and_addresses_of_recorded_pages_are_found_as_well_as_they_were() -> None:
    samples.need_corpus()
    calls: dict[str, int] = dict.fromkeys(("right", "missed", "wrong"), 0)
    mails = dict(calls)
    for line in (samples.CORPUS / "contacts" / "truth.jsonl").read_text("utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        page = tree.parse(serp_text.decode(gzip.decompress((samples.CORPUS / row["source"]).read_bytes())))
        root = page.css_first("html")
        told = (root.attrs.get("lang") if root else None) or ""
        url = row["base_url"] if (row["base_url"] or "").startswith("http") else "https://example.com/"
        found = entities.of(page, structured.Structured(), url, told)
        known = {digits(one) for kind in ("TEL", "FAX") for one in row["entities"].get(kind, []) if len(digits(one)) == 7}
        rates({digits(one.value) for one in found if one.kind == "phone"}, known, calls)
        if "us_contact" in row["source"]:
            told_mails = {next(iter(emails.find(one)), ("", ""))[1].lower() for one in row["entities"].get("EMAIL", [])} - {""}
            rates({one.value.lower() for one in found if one.kind == "email"}, told_mails, mails)
    assert calls["right"] >= 0.94 * (calls["right"] + calls["missed"]) and calls["right"] >= 0.97 * (
        calls["right"] + calls["wrong"]
    )
    assert mails["right"] >= 0.98 * (mails["right"] + mails["missed"])


def test_a_number_without_a_country_is_read_only_where_a_country_is_known() -> None:
    assert phones.normal("020 7946 0958") is None
    assert phones.normal("020 7946 0958", "GB") == "+442079460958"
