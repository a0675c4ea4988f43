"""Metadata of hand-written pages, and floors on the recorded ones."""

import gzip
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from parsing import date_text, languages, metadata, serp_text, structured, tree
from tests.parsing import samples

HERE = "https://www.woodshop.example/a/b"


def read(html: str, url: str = HERE, today: date | None = None) -> metadata.Metadata:
    page = LexborHTMLParser(html)
    return metadata.of(page, structured.of(page, url), url, today)


def ld(value: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>Oak tables | Woodshop</title><h1>Oak tables</h1>", "Oak tables"),
        ("<title>Oak tables - care and repair - Woodshop</title>", "Oak tables - care and repair"),
        ("<title>Woodshop: Oak tables</title>", "Oak tables"),
        ("<title>Oak tables - Forum</title><h1>Woodshop</h1><h1>Oak tables</h1>", "Oak tables"),
        ("<title>Repair - The Wood Book</title><h1>The Wood Book</h1>", "Repair"),
        ("<title>W</title><h1>Woodshop</h1><meta property=og:title content='Oak tables: a guide'>", "Oak tables: a guide"),
        ("<title>Buy tables online cheap</title><h1 hidden>No</h1><h1>Tables <a href=#>¶</a></h1>", "Tables"),
        ("<title>Home | Woodshop</title><meta property=og:site_name content=Woodshop>", "Home | Woodshop"),
        ("<title>foo</title><h1>bar</h1>", "foo"),
        ("<title> - Home</title>", "- Home"),
        ("<title></title><h1>Oak</h1>", "Oak"),
        ("<svg><title>Icon</title></svg><p>x", "Icon"),
        ("<title>木のテーブル｜ウッドショップ</title><h1>木のテーブル</h1>", "木のテーブル"),
        ("<title>A &amp;amp; B</title>", "A & B"),
        ("<p>x", None),
        (ld({"@type": "Article", "headline": "Oak"}), "Oak"),
    ],
)
def test_the_title_is_what_stands_over_the_content(html: str, title: str | None) -> None:
    assert read(html).title == title


@pytest.mark.parametrize(
    ("html", "published", "modified"),
    [
        (ld({"@type": "NewsArticle", "datePublished": "2020-03-20T10:00:00+0530"}), "2020-03-20T10:00:00+05:30", None),
        (ld({"@graph": [{"@type": "WebPage", "dateModified": "2021-01-02"}]}), None, "2021-01-02"),
        ("<meta name=pubdate content=2020-03-20><meta name=last-modified content='3 Apr 2020'>", "2020-03-20", "2020-04-03"),
        ("<time datetime=2020-03-20 class=published></time><time class=updated datetime=2020-04-01>", "2020-03-20",
        "2020-04-01"),
        ("<aside><time datetime=2019-01-01>x</time></aside><time datetime=2020-03-20>x</time>", "2020-03-20", None),
        ("<h1>Oak</h1><p>Veröffentlicht am 5. März 2020, aktualisiert: 7.4.2020", "2020-03-05", "2020-04-07"),
        ("<h1>Oak</h1><div class=meta><span class=date>2020年3月5日</span></div>", "2020-03-05", None),
        ("<p>Copyright 2020 Oak Inc.<p>Call 555-01-2020", None, None),
        (ld({"@type": "Article", "datePublished": "2027-01-01"}) + "<time datetime=2020-03-20>x</time>", "2020-03-20", None),
        (ld({"@type": "Article", "datePublished": {"@value": "2020-03-20"}}), "2020-03-20", None),
        (ld({"@type": "Article", "datePublished": "soon"}), None, None),
        ("<div class=comments><time datetime=2021-01-01>x</time></div>", None, None),
    ],
)  # fmt: skip
def test_dates_come_from_the_surest_source_and_never_from_the_future(
    html: str, published: str | None, modified: str | None
) -> None:
    found = read(html, today=date(2026, 11, 28))
    assert (found.published, found.modified) == (published, modified)


def test_an_address_with_a_date_is_the_last_resort() -> None:
    assert read("<p>x", "https://example.com/2020/3/5/oak").published == "2020-03-05"
    assert read("<p>x", "https://example.com/2020/13/45/oak").published is None


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("20. März 2020", "", "2020-03-20"), ("1er janvier 2019", "", "2019-01-01"), ("20 de marzo de 2020", "", "2020-03-20"),
        ("March 20th, 2020", "", "2020-03-20"), ("2020. március 20.", "", "2020-03-20"), ("2020 m. kovo 20 d.", "",
        "2020-03-20"),
        ("20 listopada 2020", "pl", "2020-11-20"), ("20. listopada 2020.", "hr", "2020-10-20"),
        ("令和2年3月20日", "", "2020-03-20"),
        ("2020년 3월 20일", "", "2020-03-20"), ("20 มีนาคม 2563", "", "2020-03-20"), ("٢٠ مارس ٢٠٢٠", "", "2020-03-20"),
        ("20 tháng 3, 2020", "", "2020-03-20"), ("3/4/2020", "en-US", "2020-03-04"), ("3/4/2020", "en-GB", "2020-04-03"),
        ("3/20/2020", "de", "2020-03-20"), ("20-Mar-2020", "", "2020-03-20"), ("२० मार्च २०२०", "", "2020-03-20"),
        ("20. maaliskuuta 2020", "", "2020-03-20"),
        ("30 Feb 2020", "", None), ("v1.2.2020.4", "", None), ("12 monkeys 2020", "", None),
    ],
)  # fmt: skip
def test_dates_are_read_in_many_languages(text: str, language: str, day: str | None) -> None:
    assert next((str(found.day) for found in date_text.find(text, language)), None) == day


@pytest.mark.parametrize(
    "text", ["1" + " " * 3_999, "1. de " * 600, "2020 " * 800, "1 ,. de . " * 400, "1/" * 2_000, "a" * 4_000]
)
def test_hostile_texts_hold_no_date_and_take_no_time(text: str) -> None:
    assert list(date_text.find(text)) == []


@pytest.mark.parametrize(
    ("html", "authors"),
    [
        (ld({"@type": "Article", "author": [{"@type": "Person", "name": "Ada L"}, {"name": "Alan T"}]}), ["Ada L", "Alan T"]),
        (
            ld({"@graph": [{"@type": "Article", "author": {"@id": "#a"}}, {"@id": "#a", "@type": "Person", "name": "Ada L"}]}),
            ["Ada L"],
        ),
        (ld({"@type": "Article", "author": "Ada L"}), ["Ada L"]),
        (ld({"@type": "Article", "author": {"givenName": "Ada", "familyName": "L"}}), ["Ada L"]),
        ("<meta name=author content='By Ada L and Alan T'>", ["Ada L", "Alan T"]),
        ("<meta property=article:author content=https://facebook.com/ada><a rel=author href=/ada>Ada L</a>", ["Ada L"]),
        ("<p class=byline>Von <a href=/a>Ada L</a> | 5. Mai 2020</p>", ["Ada L"]),
        ("<meta name=author content=admin>", []),
        ("<p>x", []),
    ],
)
def test_authors_are_named_as_the_page_names_them(html: str, authors: list[str]) -> None:
    assert read(html).authors == authors


TEXTS = {
    "en": "The house is in the middle of the town and it was built with stone that came from the hills.",
    "de": "Das Haus steht in der Mitte der Stadt und ist aus dem Stein der Berge gebaut. Wir haben es seit Jahren nicht gesehen.",
    "fr": "La maison est dans le centre de la ville et les pierres des collines sont pour nous une joie. Ils sont au jardin.",
    "es": "La casa está en el centro de la ciudad y las piedras de los montes son para nosotros una alegría.",
    "nl": "Het huis staat in het midden van de stad en is van steen uit de heuvels. Wij zien het niet voor de bomen.",
    "pl": "Dom stoi w środku miasta i jest z kamienia, który przywieziono do nas. To nie jest dla nich, ale się liczy, że są.",
    "ru": "Дом стоит в центре города, и мы его не видели много лет.",
    "uk": "Будинок стоїть у центрі міста, і ми його не бачили багато років, їжак теж.",
    "ja": "家は町の真ん中に立っています。私たちは長い間それを見ていません。",
    "zh": "房子在城市的中心，我们已经很多年没有看到它了，孩子们也一样喜欢。",
    "ko": "집은 도시 한가운데에 있고 우리는 오랫동안 보지 못했습니다. 아이들도.",
    "ar": "البيت في وسط المدينة ولم نره منذ سنوات عديدة",
    "fa": "خانه در مرکز شهر است و ما آن را سال‌ها ندیده‌ایم، پدر و گربه هم چیزی نگفتند",
}  # fmt: skip


@pytest.mark.parametrize("code", TEXTS)
def test_the_language_of_a_text_is_known_by_its_script_and_its_words(code: str) -> None:
    assert languages.of(TEXTS[code]) == code


def test_a_text_in_two_languages_is_in_none() -> None:
    assert languages.of(f"{TEXTS['fr']} {TEXTS['en']}") is None


def test_what_a_page_says_about_its_language_holds_unless_its_text_is_clearly_another() -> None:
    assert languages.of_page("en-US", TEXTS["de"]) == "de"
    assert languages.of_page("de", "Impressum") == "de"
    assert languages.of_page("", TEXTS["fr"]) == "fr"
    assert languages.of_page("x-default", "?!") is None
    assert read("<html lang=pt_BR><p>x").language == "pt"


def test_the_rest_of_the_head_is_read_and_addresses_are_absolute() -> None:
    found = read(
        "<meta name=description content=' Two\n words '><meta property=og:site_name content=Woodshop>"
        "<meta property=og:image content=/oak.jpg><link rel='shortcut icon' href=/i.ico>"
    )
    assert (found.description, found.site_name) == ("Two words", "Woodshop")
    assert (found.image, found.icon) == ("https://www.woodshop.example/oak.jpg", "https://www.woodshop.example/i.ico")
    assert read("<p>x").icon == "https://www.woodshop.example/favicon.ico"


@pytest.mark.parametrize(
    "html",
    ["<h1>" + "a - " * 100_000, "<title>" + "| " * 100_000, "<p class=byline>" + "By , " * 50_000,
    "<time>" * 5_000 + "1 " * 50_000,
     "<div class=date>" * 300 + "1/2/2020 " * 20_000, "<meta name=author content=a>" * 20_000,
     "<h1>x</h1>" + "<b></b>" * 50_000],
)  # fmt: skip
def test_hostile_pages_give_bounded_metadata(html: str) -> None:
    found = read(html)
    assert len(found.title or "") <= 500 and len(found.authors) <= 10


def rows() -> Iterator[dict[str, Any]]:
    samples.need_corpus()
    for line in (samples.CORPUS / "content" / "truth.jsonl").read_text("utf-8").split("\n"):
        if line:
            yield json.loads(line)


def recorded(row: dict[str, Any]) -> metadata.Metadata:
    page = tree.parse(serp_text.decode(gzip.decompress((samples.CORPUS / row["file"]).read_bytes())))
    return metadata.of(page, structured.of(page, row["url"]), row["url"])


def words(text: str | None) -> set[str]:
    return set(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text or "").casefold()).split())


def likeness(one: str | None, other: str | None) -> float:
    return 2 * len(words(one) & words(other)) / max(1, len(words(one)) + len(words(other)))


def is_held_out(row: dict[str, Any]) -> bool:
    """Half of the pages, on which no rule was tuned."""
    return hashlib.md5(row["file"].encode(), usedforsecurity=False).digest()[-1] % 2 == 1


def test_titles_authors_and_dates_of_recorded_pages_are_right_as_often_as_they_were() -> None:
    titles, dates, authors = [], [], []
    for row in rows():
        if not (row.get("title") or row.get("date")):
            continue
        found = recorded(row)
        if row.get("title"):
            titles.append((is_held_out(row), likeness(found.title, row["title"]) >= 0.8))
        if row.get("date"):
            dates.append((is_held_out(row), (found.published or "")[:10] == row["date"][:10]))
        if row.get("author"):
            authors.append((is_held_out(row), likeness(found.author, row["author"]) >= 0.6))
    for results, floor in ((titles, 0.82), (dates, 0.84), (authors, 0.6)):
        for half in (False, True):
            right = [is_right for held_out, is_right in results if held_out is half]
            assert sum(right) >= floor * len(right)
