"""Ranks of a day computed anew from the stored pages, without buying one again."""

import contextlib
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

import clock
import models
from errors import BlockedError, NotFound
from jobs import serp
from state.tracking import history, keywords
from tests import fakes
from tests.state import NOON, due_in, tracked
from topics.tracking import check, records, reparse

DAY = NOON.date()
KEY = "p/word-0/2026-03-01.json"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def stored(store: fakes.Store, key: str = KEY) -> records.StoredCheck:
    found = records.get(store, key)
    assert found
    return found


def blind(monkeypatch: pytest.MonkeyPatch, page: models.SerpPage | None = None) -> None:
    """A parser that reads something else, or again the real one."""
    monkeypatch.setattr(check, "read", lambda body, format, url, charset: page or check.serp.parse(body, url=url))


def checked(monkeypatch: pytest.MonkeyPatch, answers: object) -> tuple[str, fakes.Store, fakes.Provider]:
    [word] = tracked(depth=20)
    provider, store = fakes.use(monkeypatch, answers)  # type: ignore[arg-type]
    with contextlib.suppress(BlockedError):
        serp.track_keyword(word)
    return word, store, provider


def test_nothing_changes_where_the_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    word, store, provider = checked(monkeypatch, fakes.serp([*fakes.others(2), "https://example.com/"]))
    before, due = dict(store.objects), due_in("p")
    result = reparse.day(store, DAY)
    assert (result.read, result.missing, result.changes, result.problems) == (1, 0, [], [])
    assert store.objects == before and due_in("p") == due and len(provider.asked) == 1
    assert history.of(word)[0].rank == 3


def test_a_rank_that_the_parser_missed_is_found_and_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    read = models.SerpPage(models.PageClass.RESULTS, (models.Organic(1, "https://other.test/", None, "T", "other.test"),))
    with monkeypatch.context() as old:
        blind(old, read)
        word, store, provider = checked(monkeypatch, fakes.serp([*fakes.others(2), "https://example.com/"]))
        assert str(history.of(word)[0]) == "not found in the first 1 scanned"
    result = reparse.day(store, DAY, "p")
    assert result.changes == [("word 0", "not found in the first 1 scanned", "ranked 3")]
    assert history.of(word)[0].rank == 3 and len(history.of(word)) == 1
    assert stored(store).rank.rank == 3 and stored(store).organic[2].ours
    assert reparse.day(store, DAY).changes == [], "safe to repeat"
    assert len(provider.asked) == 2, "nothing was fetched again"


def test_a_failed_page_that_can_be_read_now_becomes_the_days_check(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as old:
        blind(old, models.SerpPage(models.PageClass.CAPTCHA))
        word, store, _ = checked(monkeypatch, fakes.serp(["https://example.com/"]))
    result = reparse.day(store, DAY)
    assert result.changes == [("word 0", "unknown: captcha", "ranked 1")]
    assert history.of(word)[0].rank == 1 and stored(store).rank.rank == 1


def test_a_page_that_can_no_longer_be_read_takes_no_known_rank_away(monkeypatch: pytest.MonkeyPatch) -> None:
    word, store, _ = checked(monkeypatch, fakes.serp(["https://example.com/"]))
    before = dict(store.objects)
    blind(monkeypatch, models.SerpPage(models.PageClass.PARSE_FAILURE))
    result = reparse.day(store, DAY)
    assert [after for _, _, after in result.changes] == ["unknown: parse_failure"]
    assert history.of(word)[0].rank == 1 and store.objects == before


def scanned_in_pages(monkeypatch: pytest.MonkeyPatch, *pages: bytes, depth: int = 30) -> tuple[str, fakes.Store]:
    """A check whose parser of that day read another result on each page, whatever stood there."""
    [word] = tracked(depth=depth)
    _, store = fakes.use(monkeypatch, lambda text, start: pages[min(start // 10, len(pages) - 1)])
    with monkeypatch.context() as old:

        def read(body: bytes, form: str, url: str, charset: str | None) -> models.SerpPage:
            return models.SerpPage(models.PageClass.RESULTS, (models.Organic(1, f"{url}&old", None, "T", "o.test"),))

        old.setattr(check, "read", read)
        assert serp.track_keyword(word)["scanned"] == depth // 10
    return word, store


def test_a_page_that_was_not_read_hides_what_lies_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    word, store = scanned_in_pages(
        monkeypatch, fakes.page_of_others(0), fakes.STRANGE, fakes.serp(["https://example.com/", *fakes.others(9, 20)])
    )
    result = reparse.day(store, DAY)
    assert [after for _, _, after in result.changes] == ["unknown: parse_failure"], "its rank would be a guess"
    assert stored(store).rank.rank is None and history.of(word)[0].state is models.RankState.NOT_FOUND


def test_a_check_of_a_version_that_counted_rows_is_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    again = fakes.page_of_others(0, 8)
    word, store = scanned_in_pages(monkeypatch, again, again, fakes.page_of_others(50))
    result = reparse.day(store, DAY)
    assert [after for _, _, after in result.changes] == ["not found in the first 8 scanned"], "a check ends at the same page"
    assert [row.rank for row in stored(store).organic] == list(range(1, 9)) and history.of(word)[0].scanned == 8


def test_ranks_of_pages_of_any_length_are_those_of_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    third = fakes.serp([*fakes.others(1, 40), "https://example.com/"])
    word, store = scanned_in_pages(monkeypatch, fakes.page_of_others(0, 12), fakes.page_of_others(20, 7), third)
    assert reparse.day(store, DAY).changes == [("word 0", "not found in the first 3 scanned", "ranked 21")]
    fakes.use(monkeypatch, lambda text, start: [fakes.page_of_others(0, 12), fakes.page_of_others(20, 7), third][start // 10])
    assert serp.track_keyword(word, force=True)["says"] == "ranked 21"


def test_the_end_of_the_results_is_the_end_of_a_reparse_too(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(depth=100)
    _, store = fakes.use(monkeypatch, lambda text, start: fakes.NO_RESULTS if start else fakes.page_of_others(0, 6))
    serp.track_keyword(word)
    assert reparse.day(store, DAY).changes == [] and stored(store).rank.scanned == 6


def test_a_stored_page_of_another_query_gives_no_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    word, store, _ = checked(monkeypatch, fakes.serp(["https://example.com/"]))
    monkeypatch.setattr(check, "read", lambda *told: replace(check.serp.parse(told[0], url=told[2]), query="another"))
    assert [after for _, _, after in reparse.day(store, DAY).changes] == ["unknown: wrong_query"]
    assert history.of(word)[0].rank == 1, "a known rank stands"


def test_a_stored_check_of_an_older_version_is_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    _, store, _ = checked(monkeypatch, fakes.serp(["https://example.com/"]))
    old = json.loads(store.objects[KEY])
    for name in ("query", "is_corrected", "is_cut_off"):
        del old["pages"][0][name]
    del old["cited"], old["rank"]["cited"]
    store.objects[KEY] = json.dumps(old).encode()
    assert stored(store).rank.rank == 1 and reparse.day(store, DAY).changes == []


def test_what_was_resolved_once_stays_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, store = fakes.use(monkeypatch, fakes.serp([("/goto?url=CAESours", "example.com"), *fakes.others(3)]))
    provider.links["https://www.google.com/goto?url=CAESours"] = "https://example.com/x"
    serp.track_keyword(word)
    assert reparse.day(store, DAY).changes == [] and len(provider.resolved) == 1
    assert not history.of(word)[0].approximate and stored(store).rank.url == "https://example.com/x"


@pytest.mark.parametrize(
    ("damage", "words"),
    [("delete", "is gone"), ("change", "sha256 differs"), ("schema", "does not fit the schema")],
)
def test_a_damaged_object_is_a_problem_of_its_keyword_only(damage: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = tracked(2)
    _, store = fakes.use(monkeypatch, fakes.serp(["https://example.com/"]))
    for word in ids:
        serp.track_keyword(word)
    page = "p/word-0/2026-03-01.p1.html.gz"
    if damage == "delete":
        del store.objects[page]
    elif damage == "change":
        store.objects[page] = gzip.compress(b"something else")
    else:
        store.objects[KEY] = b'{"version": 99}'
    result = reparse.day(store, DAY)
    [(text, problem)] = result.problems
    assert text == "word 0" and words in problem and result.read == 1


def test_days_without_a_check_are_counted_and_resting_keywords_are_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    word, store, _ = checked(monkeypatch, fakes.serp(["https://example.com/"]))
    keywords.set_archived(word, True)
    told: list[int] = []
    assert reparse.day(store, DAY.replace(day=2), progress=told.append).missing == 1
    assert reparse.day(store, DAY, progress=told.append).read == 1 and told == [1, 1]
    with pytest.raises(NotFound):
        reparse.day(store, DAY, "nosuch")
