"""The one way of counting, page by page; and which page answers what was asked."""

from dataclasses import replace

import pytest

import errors
import models
from models import PageClass
from topics.tracking import answering, scan


def result(number: int, url: str | None, goto: str | None = None, title: str = "T", host: str | None = "h.t") -> models.Organic:
    return models.Organic(number, url, goto, title, host)


def page(*urls: str, **fields: object) -> models.SerpPage:
    organic = tuple(result(number, url) for number, url in enumerate(urls, 1))
    return models.SerpPage(PageClass.RESULTS, organic, **fields)  # type: ignore[arg-type]


def counted(*pages: models.SerpPage) -> tuple[list[tuple[int, list[str | None]]], scan.Count]:
    count = scan.Count()
    rows = [count.add(one) for one in pages]
    assert all([one.position for one in read.organic] == list(range(1, len(read.organic) + 1)) for _, read in rows)
    return [(above, [one.url for one in read.organic]) for above, read in rows], count


def test_ranks_rise_strictly_over_pages_of_any_length() -> None:
    rows, count = counted(page("a", "b", "c"), page("d"), page("e", "f"))
    assert rows == [(0, ["a", "b", "c"]), (3, ["d"]), (4, ["e", "f"])]
    assert count.scanned == 6 and not count.is_over


@pytest.mark.parametrize(
    "again",
    ["https://a.test/p", "https://a.test/p?srsltid=2", "https://a.test/p?gclid=1&gad_source=1", "https://a.test/p#:~:text=x"],
)
def test_one_result_on_two_pages_is_one(again: str) -> None:
    rows, count = counted(page("https://a.test/p?srsltid=1", "b"), page(again, "c"))
    assert rows[1] == (2, ["c"]) and count.scanned == 3


@pytest.mark.parametrize("other", ["https://a.test/p?page=2", "https://a.test/P", "https://a.test/p/", "https://a.test/p#part"])
def test_another_page_of_the_same_site_is_another_result(other: str) -> None:
    rows, _ = counted(page("https://a.test/p"), page(other))
    assert rows[1] == (1, [other])


def test_the_same_address_twice_on_one_page_is_one_and_its_marked_words_are_another_place() -> None:
    rows, _ = counted(page("a", "a", "b", "b#:~:text=x"))
    assert rows == [(0, ["a", "b", "b#:~:text=x"])]


def test_a_page_that_brings_nothing_new_is_the_end() -> None:
    _, count = counted(page("a", "b"), page("b", "a"))
    assert count.is_over and count.scanned == 2


@pytest.mark.parametrize("last", [PageClass.NO_RESULTS, PageClass.ANSWER_ONLY])
def test_what_was_read_before_the_end_counts(last: PageClass) -> None:
    _, count = counted(page("a", "b"), models.SerpPage(last))
    assert count.is_over and count.scanned == 2


def test_many_pages_of_one_site_with_one_title_are_as_many_results() -> None:
    rows, _ = counted(page("https://h.test/1", "https://h.test/2"), page("https://h.test/3", "https://h.test/4"))
    assert rows[1] == (2, ["https://h.test/3", "https://h.test/4"])


def test_an_opaque_result_is_known_by_title_and_host_and_rows_that_show_neither_are_never_one() -> None:
    opaque = result(1, None, goto="g1", title="Blue shoes", host="shop.test")
    bare = result(2, None, goto=None, title="T", host=None)
    first = models.SerpPage(PageClass.RESULTS, (opaque, bare, replace(bare, position=3)))
    count = scan.Count()
    assert len(count.add(first)[1].organic) == 3
    second = replace(first, organic=(replace(opaque, goto_url="g2"), bare, result(3, "https://new.test/")))
    assert [one.url for one in count.add(second)[1].organic] == [None, "https://new.test/"]


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("Jay-Z", "jay-z"),
        ("ＪＡＹ\u3000Ｚ", "jay z"),
        ("cafe  a paris ", "café à paris"),
        ("cafe\u0301", "café"),
        ("“blue shoes”", '"blue shoes"'),
        ("women’s shoes", "women's shoes"),
        ("jay–z", "jay-z"),
        ("ΑΘΗΝΑΣ", "αθήνας"),
        ("αθήνασ", "αθήνας"),
        ("İstanbul", "istanbul"),
        ("soft\u00adware\u200b", "software"),
        ("ﬁsh", "fish"),
        ("パン", "ﾊﾟﾝ"),
        ("don&#39;t panic", "don't panic"),
        ("a &amp; b", "a & b"),
        ("c%2B%2B", "c++"),
        ("red+shoes+%26+bags", "red shoes & bags"),
        ("", "jay-z"),
        (" ", "jay-z"),
        (None, "jay-z"),
    ],
)
def test_a_page_answers_a_query_in_any_spelling_of_it(told: str | None, asked: str) -> None:
    assert answering.answers(page("a", query=told), asked)


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("jay", "jay-z"),
        ("jay z", "jay-z"),
        ("jay-z songs", "jay-z"),
        ("blue shoes", '"blue shoes"'),
        ("shoes", "shoes -red"),
        ("in Massen trinken", "in Maßen trinken"),
        ("c", "c++"),
        ("c#", "c++"),
        ("ハン", "パン"),
        ("red+shoes", "red-shoes"),
        ("a &amp; b", "a b"),
        ("100% cotton", "100 cotton"),
        ("กา", "กี"),
        ("site:example.com", "site:example.org"),
    ],
)
def test_a_page_for_another_query_is_no_answer_unless_it_says_that_it_corrects(told: str, asked: str) -> None:
    assert not answering.answers(page("a", query=told), asked)
    assert answering.answers(page("a", query=told, is_corrected=True), asked)


def titled(query: str, *titles: str) -> models.SerpPage:
    organic = tuple(result(number, f"https://h.test/{number}", title=title) for number, title in enumerate(titles, 1))
    return models.SerpPage(PageClass.RESULTS, organic, query=query)


def test_results_that_are_plainly_of_the_query_outweigh_a_name_of_which_they_have_no_trace() -> None:
    assert answering.answers(titled("widget", "A title", "Blue shoes | Shop"), "blue shoes")


@pytest.mark.parametrize(
    ("told", "titles", "asked"),
    [
        ("jay", ["Jay-Z - Wikipedia", "Jay"], "jay-z"),
        ("jay-z songs", ["Jay-Z"], "jay-z"),
        ("widget", ["Blue shoes", "Widgets"], "blue shoes"),
        ("widget", ["Shoes", "Blue"], "blue shoes"),
        ("widget", ["Blue shoes", "How to get one"], "blue shoes"),
        ("耐克运动鞋", ["Nike 耐克官方"], "nike"),
        ("x", ["Blue shoes for Xmas"], "blue shoes"),
        ("widget", [], "blue shoes"),
    ],
)
def test_a_trace_of_the_other_query_in_one_title_is_enough_for_doubt(told: str, titles: list[str], asked: str) -> None:
    assert not answering.answers(titled(told, *titles), asked)


@pytest.mark.parametrize("kind", [PageClass.RESULTS, PageClass.NO_RESULTS, PageClass.ANSWER_ONLY])
def test_no_class_of_page_answers_another_query(kind: PageClass) -> None:
    error = answering.refusal(models.SerpPage(kind, query="jay"), "jay-z", "(page 1)")
    assert isinstance(error, errors.WrongPage) and "'jay'" in str(error) and "'jay-z'" in str(error)
    assert error.retryable


def test_what_a_block_page_is_comes_first_then_that_it_is_cut_off() -> None:
    captcha = models.SerpPage(PageClass.CAPTCHA, is_cut_off=True, query="x")
    assert isinstance(answering.refusal(captcha, "jay-z", ""), errors.BlockedError)
    for kind in (PageClass.RESULTS, PageClass.NO_RESULTS, PageClass.ANSWER_ONLY, PageClass.PARSE_FAILURE):
        cut = models.SerpPage(kind, is_cut_off=True, query="x")
        assert isinstance(answering.refusal(cut, "jay-z", ""), errors.NetworkError)
