"""The end of the results, in each form and language; and never by the words of the user."""

import pytest

import models
from parsing import serp
from tests.parsing.pages import card, page, result, stats
from tests.parsing.samples import sample

NONE, FAILURE, RESULTS = models.PageClass.NO_RESULTS, models.PageClass.PARSE_FAILURE, models.PageClass.RESULTS
RELATED = '<div id="bres"><h3>Lorem</h3><div class="b2Rnsc"><a href="/search?q=other">other</a></div></div>'
ZERO, MANY, FIFTH = stats("About 0 results"), stats("About 1,230 results"), stats("Page 5 of about 34 results")
SENTENCES = [
    "Your search - {} - did not match any documents.",
    "Keine Dokumente zu {}, leider.",
    "{} に一致する情報は見つかりませんでした。",
    "Lorem {} ipsum dolor.",
    "{}",
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("line", ["", ZERO, FIFTH])
@pytest.mark.parametrize("below", ["", RELATED])
def test_the_card_that_quotes_the_query_and_gives_advice_ends_the_results(sentence: str, line: str, below: str) -> None:
    assert serp.parse(page(stats=line, bottom=card(sentence) + below)).page_class is NONE
    assert serp.parse(page(stats=line, top=card(sentence), bottom=below)).page_class is NONE


@pytest.mark.parametrize("old, new", [("mnr-c", "a1"), ("JPMJ2c", "a2"), ('role="heading"', ""), ("em>", "b>"), ("em>", "i>")])
def test_the_card_is_known_whatever_google_calls_its_classes(old: str, new: str) -> None:
    html = page(bottom=card("Lorem {} ipsum.")).replace(old, new)

    assert serp.parse(html).page_class is NONE


@pytest.mark.parametrize("query", ["c++ & c#", '"a b"', "<script>", "oak  Table", "日本茶 通販"])
def test_the_card_quotes_the_query_as_it_was_typed(query: str) -> None:
    assert serp.parse(page(query=query, bottom=card("Lorem {}.", query))).page_class is NONE


@pytest.mark.parametrize(
    "block",
    [
        card("Lorem {}.", "another query"),
        card("Lorem {}.", advice=""),
        card("Lorem {}.", advice='<ul><li><a href="/search?q=a">a</a></li><li><a href="/search?q=b">b</a></li></ul>'),
        card("Lorem {}.", advice='<ul><li>Lorem.</li></ul><a href="https://example.com/">A page about it</a>'),
        '<div data-mcpr=""><p><b>qzxv</b> is a word.</p><ul><li>It has four letters.</li></ul></div>'.replace("<p>", "<div>"),
        '<div class="mnr-c"><p role="heading">Related to <em>qzxv</em></p><a href="/search?q=a">a</a></div>',
    ],
)
def test_a_card_that_is_not_all_of_that_says_nothing(block: str) -> None:
    assert serp.parse(page(bottom=block)).page_class is FAILURE


def test_an_answer_in_prose_among_the_results_is_no_card() -> None:
    prose = "<div><p><strong>qzxv</strong> is a word.</p><ul><li>It has four letters.</li><li>It is rare.</li></ul></div>"

    assert serp.parse(page(prose)).page_class is FAILURE
    assert serp.parse(page(f'<div data-mcpr="">{prose}</div>')).page_class is FAILURE


def test_a_claim_of_no_results_is_enough_and_one_of_many_speaks_against_words() -> None:
    words = '<div class="card-section">No results found for <em>qzxv</em>.</div>'

    assert serp.parse(page(stats=ZERO)).page_class is NONE
    assert serp.parse(page(stats=ZERO).replace("</body></html>", "")).page_class is FAILURE
    assert serp.parse(page(top=words)).page_class is NONE
    assert serp.parse(page(top=words, stats=MANY)).page_class is FAILURE
    assert serp.parse(page(top=words, stats=FIFTH)).page_class is NONE


def test_a_card_below_results_ends_them_and_unmakes_none() -> None:
    read = serp.parse(page(result("https://a.test/"), bottom=card("Lorem {}.")))

    assert (read.page_class, len(read.organic)) == (RESULTS, 1)


def test_the_notice_of_omitted_results_is_no_end() -> None:
    omitted = '<p id="ofr"><i>Lorem omitted <a href="/search?q=qzxv&amp;filter=0">repeat</a></i></p>'

    assert serp.parse(page(result("https://a.test/"), bottom=omitted)).page_class is RESULTS
    assert serp.parse(page(bottom=omitted)).page_class is FAILURE


PHRASES = [
    "no results found for excel",
    "did not match any documents",
    "keine ergebnisse für oak",
    "ничего не найдено",
    "没有找到",
]


@pytest.mark.parametrize("query", PHRASES)
@pytest.mark.parametrize(
    "notice",
    [
        '<p id="fprs" class="card-section">Lorem <a href="/search?q=x&amp;spell=1"><b><i>{0}</i></b></a><br>Ipsum <a>{0}</a></p>',
        '<div class="card-section">Lorem: <a href="/search?q=x">{0} 2019</a></div>',
        '<div class="card-section"><p>Lorem <em>{0}</em> ipsum</p></div>',
        "<div class='card-section'><script>var q='{0}';</script>Lorem</div>",
    ],
)
def test_what_the_user_typed_is_never_read_as_a_notice(query: str, notice: str) -> None:
    block = notice.format(query)

    assert serp.parse(page(result("https://a.test/"), query=query, taw=block)).page_class is RESULTS
    assert serp.parse(page(result("https://a.test/"), query=query, top=block)).page_class is RESULTS
    assert serp.parse(page(query=query, top=block)).page_class is FAILURE
    assert serp.parse(page(query=query, top=block.replace("ipsum", "did not match any documents"))).page_class in (NONE, FAILURE)


@pytest.mark.parametrize(
    ("query", "notice"),
    [
        ('"no results found for excel"', "<p>Lorem <b>no results found for excel</b> ipsum</p>"),
        ("why did not match any documents", "<p>Lorem <i>did not match any documents</i> ipsum</p>"),
        ("oak", "<script>var says='did not match any documents';</script><p>Lorem</p>"),
        ("oak", '<p>Lorem <a href="/search?q=x&amp;spell=1">did not match any documents</a></p>'),
    ],
)
def test_a_part_of_the_query_a_script_or_an_offered_search_is_no_notice(query: str, notice: str) -> None:
    block = f'<div class="card-section">{notice}</div>'

    assert serp.parse(page(query=query, top=block)).page_class is FAILURE
    assert serp.parse(page(result("https://a.test/"), query=query, top=block)).page_class is RESULTS


@pytest.mark.parametrize("query", PHRASES)
def test_a_result_whose_title_or_snippet_has_the_words_is_a_result(query: str) -> None:
    unread = f'<div class="mnr-c card-section"><a href="https://a.test/">{query}</a><p>{query}</p></div>'

    assert serp.parse(page(result("https://a.test/", query), query=query)).page_class is RESULTS
    assert serp.parse(page(unread, query=query)).page_class is FAILURE


@pytest.mark.parametrize(
    "query",
    [
        "sorry...", "error 429 (too many requests)", "403 (forbidden)", "unusual traffic from your computer network",
        "turn on javascript to keep searching", "/sorry/index?continue=", "/httpservice/retry/enablejs", "g-recaptcha",
    ],
)  # fmt: skip
def test_a_query_about_blocks_is_no_block(query: str) -> None:
    assert serp.parse(page(result("https://a.test/"), query=query)).page_class is RESULTS
    assert serp.parse(page(query=query, bottom=card("Lorem {}.", query))).page_class is NONE
    assert serp.parse(page(query=query, title=query)).page_class is FAILURE


def test_results_of_a_nearby_query_are_told_apart_by_what_stands_above_them() -> None:
    near = '<div class="mnr-c"><div class="card-section"><div class="med">No results found for <b>"a b"</b>.</div></div></div>'

    assert serp.parse(page(result("https://a.test/"), query='"a b"', top=near)).page_class is NONE
    assert serp.parse(sample("nearby_query")).page_class is NONE


@pytest.mark.parametrize(
    "shown",
    [
        page(bottom=card("Nothing for {}", advice="<ol><li>a</li><li>b</li></ol>")),
        page(query='"a b"', bottom=card("Nothing for {}", query="“a b”")),
        page(query="one two three four five", bottom=card("Nothing for {}", query="one two three…")),
    ],
)
def test_a_card_of_nothing_found_is_known_in_these_forms_too(shown: str) -> None:
    assert serp.parse(shown).page_class is models.PageClass.NO_RESULTS
