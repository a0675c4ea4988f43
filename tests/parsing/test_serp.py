"""A result page: what counts, in which order, and that nothing can make the parser raise. Hand-written pages."""

import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import models
from parsing import serp, serp_features
from tests import patience
from tests.parsing import pages
from tests.parsing.samples import SAMPLES, sample

ORDER = {
    "desktop_2019": ["https://first.example.com/", "https://second.example.org/a?b=1", "https://third.example.net/x"],
    "desktop_2021": ["https://one.example.com/page", "https://two.example.com/", "https://two.example.com/more"],
    "desktop_2024": [
        "https://alpha.example.com/",
        "https://tube.example.com/watch?v=1",
        "https://beta.example.com/x#:~:text=beta",
    ],
    "desktop_2026": ["https://gamma.example.com/", "https://tube.example.com/watch?v=2", "https://social.example.com/delta"],
    "mobile_2018": ["https://m.example.com/one", "https://amp.example.com/two", "https://m.example.org/three"],
    "mobile_2023": ["https://cafe.example.com/", "https://tea.example.com/"],
    "nojs_2023": ["https://oak.example.com/?a=b", "https://tree.example.org/"],
}
BLOCKED = {models.PageClass.CAPTCHA, models.PageClass.CONSENT, models.PageClass.JS_REQUIRED}
HTML = st.text(alphabet=st.sampled_from("<>/=\"' abdghivr3#&;\x00\ud800é"), max_size=300)
TAGS = (
    "<div id=rso>|<div id=search>|<div class='g Ww4FFb'>|</div>|<a href='/url?q=http://a.com'>|<h3 class=LC20lb>"
    "|<a href='/goto?url=x'>"
    "|<a href='http://[::1'>|<cite>a.com|</a>|</h3>|x|\x00|\udfff|<table>|<p>|<template>|<svg>|<form id=captcha-form>"
    "|<div id=topstuff class=card-section>|<em>q</em>|<noscript>"
)
PIECES = st.lists(st.sampled_from(TAGS.split("|")), max_size=60).map("".join)


@pytest.mark.parametrize("name", ORDER)
def test_only_organic_results_count_and_keep_their_order(name: str) -> None:
    page = serp.parse(sample(name))

    assert page.page_class is models.PageClass.RESULTS
    assert [result.url for result in page.organic] == ORDER[name]
    assert [result.position for result in page.organic] == list(range(1, len(ORDER[name]) + 1))
    assert page.confidence is models.Confidence.STRICT


def test_an_opaque_link_has_no_url_but_an_absolute_goto_url() -> None:
    first, second, third = serp.parse(sample("opaque_2026")).organic

    assert (first.url, first.goto_url) == (None, "https://www.google.com/goto?url=CAESone")
    assert first.displayed_host == "www.shop.example.com"
    assert (second.url, second.displayed_host) == (None, None)
    assert (third.url, third.goto_url) == ("https://open.example.org/", None)


def test_a_relative_link_is_read_against_the_page_it_stands_on() -> None:
    page = serp.parse(sample("opaque_2026"), url="https://www.google.de/search?q=oak")

    assert page.organic[0].goto_url == "https://www.google.de/goto?url=CAESone"


def test_a_result_without_green_line_never_shows_its_neighbours_host() -> None:
    assert [result.displayed_host for result in serp.parse(sample("desktop_2024")).organic] == [
        "alpha.example.com", None, "beta.example.com",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("captcha", models.PageClass.CAPTCHA),
        ("consent", models.PageClass.CONSENT),
        ("gate", models.PageClass.JS_REQUIRED),
        ("nothing_found", models.PageClass.NO_RESULTS),
        ("nothing_found_nojs", models.PageClass.NO_RESULTS),
        ("nearby_query", models.PageClass.NO_RESULTS),
        ("cut_short", models.PageClass.PARSE_FAILURE),
        ("other_site", models.PageClass.PARSE_FAILURE),
    ],
)
def test_a_page_without_results_says_why(name: str, expected: models.PageClass) -> None:
    page = serp.parse(sample(name))

    assert page.page_class is expected
    assert page.organic == ()
    assert page.confidence is models.Confidence.NONE


@pytest.mark.parametrize("name", ["captcha", "consent", "gate"])
@pytest.mark.parametrize("url", [None, "https://www.google.com/search?q=oak"])
def test_a_blocked_page_is_never_ordinary(name: str, url: str | None) -> None:
    assert serp.parse(sample(name), url=url).page_class in BLOCKED


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        ("<title>Sorry...</title><p>automated queries", None, models.PageClass.CAPTCHA),
        ("<title>Error 429 (Too Many Requests)!!1</title>", None, models.PageClass.CAPTCHA),
        ("<a href='https://www.google.com/sorry/index?continue=x'>here</a>", None, models.PageClass.CAPTCHA),
        ("<p>x", "https://www.google.com/sorry/index?continue=x", models.PageClass.CAPTCHA),
        ("<p>x", "https://consent.google.de/ml?continue=x", models.PageClass.CONSENT),
        ("<p>Turn on JavaScript to keep searching", None, models.PageClass.JS_REQUIRED),
        ("<title>Sorry seems to be the hardest word - Google Search</title>", None, models.PageClass.PARSE_FAILURE),
        ("<p>x", "https://example.com/sorry/", models.PageClass.PARSE_FAILURE),
    ],
)
def test_a_block_is_known_by_its_address_or_its_words(html: str, url: str | None, expected: models.PageClass) -> None:
    assert serp.parse(html, url=url).page_class is expected


def test_a_consent_dialog_over_results_blocks_nothing() -> None:
    dialog = '<form action="https://consent.google.com/save"></form>'

    assert serp.parse(sample("desktop_2026").replace("</body>", dialog)).page_class is models.PageClass.RESULTS
    assert serp.parse(sample("nothing_found").replace("</body>", dialog)).page_class is models.PageClass.NO_RESULTS


@pytest.mark.parametrize(
    "sentence",
    [
        "Your search - qzxv - did not match any documents.",
        "Es wurden keine mit deiner Suchanfrage - qzxv - übereinstimmenden Dokumente gefunden.",
        "Aucun document ne correspond aux termes de recherche spécifiés (qzxv).",
        "No se han encontrado resultados para tu búsqueda (qzxv).",
        "По запросу qzxv ничего не найдено.",
        "qzxv に一致する情報は見つかりませんでした。",
        "Podana fraza - qzxv - nie została odnaleziona.",
    ],
)
def test_nothing_found_is_read_in_many_languages(sentence: str) -> None:
    html = f'<div id="rcnt"><div id="center_col"><div id="topstuff"><p>{sentence}</p></div><div id="rso"></div></div></div>'

    assert serp.parse(html).page_class is models.PageClass.NO_RESULTS


def test_a_page_whose_classes_were_all_renamed_is_still_read_but_says_so() -> None:
    page = serp.parse(
        sample("desktop_2024").replace("Ww4FFb", "a1").replace("tF2Cxc", "a2").replace('"g ', '"a3 ').replace("LC20lb", "a4")
    )
    bare = serp.parse(
        "<div id=search><div id=rso><div class=n1><a href='https://a.example.com/'><h3 class=n2>A</h3></a></div></div></div>"
    )

    assert page.confidence is models.Confidence.RELAXED
    assert page.organic[0].url == "https://alpha.example.com/"
    assert (bare.confidence, bare.organic[0].url) == (models.Confidence.LOOSE, "https://a.example.com/")


@pytest.mark.parametrize(
    ("name", "features"),
    [
        ("desktop_2019", {"ad", "people_also_ask", "searches_related", "videos"}),
        ("desktop_2024", {"people_also_ask", "discussions_and_forums"}),
        ("desktop_2026", {"ai_overview", "perspectives", "searches_related"}),
    ],
)
def test_features_are_named(name: str, features: set[str]) -> None:
    found = serp.parse(sample(name)).features

    assert features <= found
    assert found <= serp_features.FEATURES.keys() | {"general"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("About 1,230 results (0.41 seconds)", 1230),
        ("Page 2 of about 5,06,00,000 results (0.53 s)", 50_600_000),
        ("Environ 27\u202f400\u202f000 résultats (0,26 secondes)", 27_400_000),
        ("Ungefähr 521.000.000 Ergebnisse (0,30 Sekunden)", 521_000_000),
        ("約 1,230 件 （0.41 秒）", 1230),
        ("no number", None),
    ],
)
def test_the_claimed_total_is_read_in_every_notation(text: str, expected: int | None) -> None:
    html = f"<div id=result-stats>{text}</div>" + sample("desktop_2024")

    assert serp.parse(html).total_results == expected


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1251", "utf-16"])
def test_bytes_are_decoded_as_the_page_says(encoding: str) -> None:
    title = "Дуб" if encoding == "windows-1251" else "Chêne"
    text = (
        f'<meta charset="{encoding}"><div id=rso><div id=search class=g><a href="http://a.com"><h3 class=LC20lb>{title}</h3></a>'
    )

    assert serp.parse(text.encode(encoding)).organic[0].title == title


@settings(max_examples=150, deadline=None)
@given(st.one_of(HTML, PIECES, st.binary(max_size=300)))
@example(b"<meta charset=zlib>x")
@example(b"<meta charset=unicode_escape>\\N{x}")
@example("\x00" * 50)
def test_anything_gives_a_page_which_has_results_only_where_it_says_so(html: str | bytes) -> None:
    page = serp.parse(html)

    assert (page.page_class is models.PageClass.RESULTS) == bool(page.organic)


@pytest.mark.parametrize("tag", ["div", "template", "a", "table", "svg", "b"])
@pytest.mark.parametrize("close", ["", "</{}>"])
def test_a_page_nested_without_end_is_a_parse_failure(tag: str, close: str) -> None:
    html = f"<{tag}>" * 100_000 + close.format(tag) * 100_000

    assert serp.parse(html).page_class is models.PageClass.PARSE_FAILURE


def test_nested_templates_are_refused_whatever_closes_between_them() -> None:
    assert serp.parse("<template></x>" * 100_000 + "</template>" * 100_000).page_class is models.PageClass.PARSE_FAILURE


ROW = "<div class=g><a href='https://x.test/'><h3>x</h3></a></div>"
NOTICE = "<div id=rcnt><div id=search></div><div id=topstuff><div class=card-section>"


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div id=rso>" + "<div class=g>" * 2_900 + ROW, id="deep blocks around a result"),
        pytest.param("<div id=rso>" + "<a href='https://x.test/'>x</a>" * 100_000, id="links"),
        pytest.param("<div id=rso>" + ROW * 100_000, id="results without a green line"),
        pytest.param("<title>" + "-" * 100_000 + "</title>" + "<div id=rso>" + ROW, id="dashes in the title"),
        pytest.param("<title>" + " - " * 100_000 + "</title>" + "<div id=rso>" + ROW, id="parts of the title"),
        pytest.param(NOTICE + "<em>x</em>" * 100_000, id="quotes in a notice"),
        pytest.param(NOTICE + "<em>x" * 2_500, id="nested quotes in a notice"),
        pytest.param(NOTICE + "<i>" * 2_500 + "no results found for " * 5_000, id="nested quotes around a long text"),
        pytest.param("<div id=rso>" + ROW + "<p>x</p>" * 1_250_000, id="10 MB"),
        pytest.param("<div id=rso>" + "".join(f"<p><b id=a{n}>x" for n in range(6_000)), id="bold text that never ends"),
        pytest.param("<div id=rso>" + "".join(f"<p><font x{n}>x" for n in range(200_000)), id="2 MB of fonts that never end"),
        pytest.param("<div id=rso>" + "<b>x<p>" * 1_200_000, id="more tags than any page has"),
    ],
)
def test_the_worst_pages_take_less_than_two_seconds_of_one_core(html: str) -> None:
    allowed_s = patience.leeway(2.0)
    begun_s = time.process_time()

    serp.parse(html)

    assert time.process_time() - begun_s < allowed_s


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.html")), ids=lambda path: path.stem)
def test_a_truncated_page_shows_the_first_results_of_the_whole_one_and_never_says_that_there_are_none(path: object) -> None:
    html = sample(path.stem)  # type: ignore[attr-defined]
    whole = serp.parse(html)

    for end in range(0, len(html), 97):
        page = serp.parse(html[:end])

        assert [result.url for result in page.organic] == [result.url for result in whole.organic[: len(page.organic)]]
        assert (page.page_class is models.PageClass.RESULTS) == bool(page.organic)
        assert page.page_class is not models.PageClass.NO_RESULTS or whole.page_class is models.PageClass.NO_RESULTS


OTHERS = [pages.result(f"https://other{number}.test/") for number in range(4)]
LOST = "https://lost.test/"


def addresses(*rows: str) -> tuple[list[str | None], models.Confidence]:
    page = serp.parse(pages.page(*rows))
    return [result.url for result in page.organic], page.confidence


@pytest.mark.parametrize(
    "renamed",
    [
        lambda row: row.replace("UWckNb", "n1").replace("LC20lb", "n2"),  # in a result container, without a mark of its own
        lambda row: row.replace("UWckNb", "n1").replace("LC20lb", "n2").replace("<cite>https://lost.test", "<cite>9K+ likes"),
        lambda row: row.replace("Ww4FFb", "n1").replace("tF2Cxc", "n2"),  # with its mark, in a container of new markup
        lambda row: row.replace("Ww4FFb tF2Cxc", "n1").replace("UWckNb", "n2").replace("LC20lb", "n3"),  # all of it new
        lambda row: row.replace("UWckNb", "n1").replace('h3 class="LC20lb"', 'div role="heading"').replace("/h3", "/div"),
    ],
)
def test_a_result_that_lost_its_marks_among_others_keeps_its_place_and_the_page_says_so(renamed: Callable[[str], str]) -> None:
    found, confidence = addresses(OTHERS[0], renamed(pages.result(LOST)), *OTHERS[1:])

    assert found[:2] == ["https://other0.test/", LOST] and len(found) == 5
    assert confidence is models.Confidence.RELAXED


@pytest.mark.parametrize(
    "card",
    [
        '<div class="Ww4FFb"><a href="https://x.test/"><div role="heading">A thread</div></a><span>Forum</span></div>',
        '<div class="Ww4FFb"><a href="https://x.test/"><div role="heading">An app</div><cite>store.test</cite></a></div>',
        '<div class="n1"><a href="https://x.test/"><h3 class="n2">A tile</h3></a></div>',
    ],
)
def test_a_card_without_a_green_line_of_its_own_is_no_kin(card: str) -> None:
    found, confidence = addresses(*OTHERS, card)

    assert len(found) == 4
    assert confidence is models.Confidence.STRICT


def test_a_result_shown_twice_in_a_row_is_seen_once_and_one_further_down_again() -> None:
    twice = pages.result("https://other0.test/#:~:text=oak")

    assert addresses(OTHERS[0], twice, OTHERS[1], OTHERS[0])[0] == [
        "https://other0.test/", "https://other1.test/", "https://other0.test/",
    ]  # fmt: skip
    assert len(addresses(OTHERS[0], pages.result("https://other0.test/", "Another title"))[0]) == 2
    assert len(addresses(OTHERS[0], pages.result("https://other0.test/#part"))[0]) == 2


@pytest.mark.parametrize(
    "href",
    [
        "/aclk?sa=l&adurl=https://ad.test/", "https://www.googleadservices.com/pagead/aclk?adurl=https://ad.test/",
        "/search?q=more", "/url?q=https%3A%2F%2Fwww.google.com%2Fsearch%3Fq%3Dmore", "https://www.google.com/maps/place/Oak",
        "https://maps.google.com/maps?q=oak", "#", "javascript:void(0)",
    ],
)  # fmt: skip
def test_what_leads_to_an_ad_or_back_to_google_takes_no_place(href: str) -> None:
    row = pages.result(LOST).replace(LOST, href.replace("&", "&amp;"))

    assert addresses(row, OTHERS[0])[0] == ["https://other0.test/"]


def test_mobile_titles_of_new_markup_count_where_their_link_names_its_host() -> None:
    row = '<div class="n1"><a href="https://m.{0}.test/x"><div role="heading">Title</div><div>{0}.test › x</div></a></div>'
    card = '<div class="n1"><a href="https://card.test/x"><div role="heading">A card</div><div>Some shop</div></a></div>'
    page = serp.parse(pages.page(*(row.format(name) for name in ("one", "two")), card))

    assert [result.url for result in page.organic] == ["https://m.one.test/x", "https://m.two.test/x"]
    assert page.confidence is models.Confidence.LOOSE


def test_sitelinks_in_a_table_are_no_results_even_without_marks() -> None:
    table = '<table><tr><td><h3><a href="https://one.test/a">A</a></h3></table>'
    row = f'<div class="n1"><a href="https://one.test/"><h3>One</h3></a>{table}</div>'

    assert [result.url for result in serp.parse(pages.page(row)).organic] == ["https://one.test/"]


def test_a_link_with_two_titles_names_no_host() -> None:
    two = '<div class="tF2Cxc"><a href="https://a.test/"><h3 class="LC20lb">One</h3><h3>Two</h3><cite>https://a.test</cite></a></div>'

    assert [each.displayed_host for each in serp.parse(pages.page(two)).organic] == [None]
    assert [each.displayed_host for each in serp.parse(pages.page(two.replace("<h3>Two</h3>", "Two"))).organic] == ["a.test"]
