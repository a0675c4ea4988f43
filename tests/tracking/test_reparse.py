"""Ranks of a day computed anew from the stored pages, without buying one again."""

import contextlib
import gzip
from collections.abc import Iterator

import pytest

import clock
import models
from errors import BlockedError, NotFound
from jobs import serp
from state import history, keywords
from tests import fakes
from tests.state import NOON, due_in, tracked
from tracking import check, records, reparse

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
    monkeypatch.setattr(check, "read", lambda body, format, url: page or check.serp.parse(body, url=url))


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
