"""From a fetched page to the stored rank and its place in the object store."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

import clock
import models
from errors import BlockedError, NetworkError, ParseFailure, SystemFault, WrongPage
from jobs import serp
from state.tracking import history, keywords
from tests import fakes
from tests.state import NOON, project, tracked
from topics.tracking import check, projects, records
from topics.tracking.check import read

OURS = "https://www.example.com/ours"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def page_with(position: int, url: str = OURS) -> bytes:
    """A page of 10 in which one result is ours."""
    return fakes.serp([*fakes.others(position - 1, start=200), url, *fakes.others(10 - position, start=200 + position)])


def rank_now(keyword_id: str) -> models.Rank:
    return history.of(keyword_id)[-1]


def test_the_position_on_the_first_page_is_the_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch, page_with(4))
    outcome = serp.track_keyword(word)
    assert outcome == {"outcome": "ranked", "rank": 4, "url": OURS, "scanned": 10, "says": "ranked 4"}
    assert rank_now(word) == models.Rank(NOON.date(), models.RankState.RANKED, 10, rank=4, url=OURS, title="Title 4")


def test_the_results_above_and_one_are_the_rank_and_fetching_stops_where_the_target_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [word] = tracked(depth=50)
    provider, _ = fakes.use(monkeypatch, lambda text, start: page_with(3) if start == 20 else fakes.page_of_others(start))
    outcome = serp.track_keyword(word)
    assert [start for _, start in provider.asked] == [0, 10, 20]
    assert (outcome["rank"], outcome["scanned"]) == (23, 30)


@pytest.mark.parametrize("first", [1, 7, 9, 10, 12, 15])
def test_the_first_result_of_a_page_comes_right_behind_the_last_one_of_the_page_before(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    [word] = tracked(depth=20)
    fakes.use(monkeypatch, lambda text, start: page_with(1) if start == 10 else fakes.serp(fakes.others(first, start=50)))
    outcome = serp.track_keyword(word)
    assert (outcome["rank"], outcome["scanned"]) == (first + 1, first + 10)


def test_all_hits_are_kept_and_the_best_is_the_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    hits = [
        *fakes.others(1),
        "https://blog.example.com/a",
        *fakes.others(3, start=1),
        "https://example.com/b",
        *fakes.others(4, start=5),
    ]
    _, store = fakes.use(monkeypatch, fakes.serp(hits))
    assert serp.track_keyword(word)["rank"] == 2
    stored = json.loads(store.objects["p/word-0/2026-03-01.json"])
    assert [(row["rank"], row["url"]) for row in stored["organic"] if row["ours"]] == [
        (2, "https://blog.example.com/a"),
        (6, "https://example.com/b"),
    ]


def test_not_found_says_how_many_results_were_really_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(depth=30)
    provider, _ = fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start, 9))
    outcome = serp.track_keyword(word)
    assert len(provider.asked) == 3
    assert outcome["outcome"] == "not_found" and outcome["says"] == "not found in the first 27 scanned"
    assert str(rank_now(word)) == "not found in the first 27 scanned"


def test_the_end_of_the_results_ends_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(depth=100)
    provider, _ = fakes.use(monkeypatch, lambda text, start: fakes.NO_RESULTS if start else fakes.serp(fakes.others(6)))
    assert serp.track_keyword(word)["says"] == "not found in the first 6 scanned"
    assert len(provider.asked) == 2


def test_the_same_page_again_ends_the_scan_and_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(depth=100)
    provider, store = fakes.use(monkeypatch, fakes.serp(fakes.others(8)))
    assert serp.track_keyword(word)["says"] == "not found in the first 8 scanned"
    assert len(provider.asked) == 2
    stored = json.loads(store.objects["p/word-0/2026-03-01.json"])
    assert [row["rank"] for row in stored["organic"]] == list(range(1, 9)) and len(stored["pages"]) == 2


def test_a_page_that_comes_again_is_known_by_what_its_opaque_links_show_and_none_is_opened_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [word] = tracked(depth=100)
    shown: list[str | None] = ["other.test", "30K+ likes", "shop.test"]

    def again(text: str, start: int) -> bytes:
        return fakes.serp([(f"/goto?url=CAES{start}x{number}", host) for number, host in enumerate(shown)])

    provider, _ = fakes.use(monkeypatch, again)
    assert serp.track_keyword(word)["says"] == "not found in the first 3 scanned (approximate)"
    assert len(provider.asked) == 2 and len(provider.resolved) == 1


def test_a_result_that_comes_on_two_pages_is_seen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(depth=30)

    def overlapping(text: str, start: int) -> bytes:
        impression = f"?srsltid=Af{start}"
        repeated = [f"https://other{number}.test/page{impression}" for number in (3, 7)]
        return fakes.serp([*repeated, *fakes.others(8, start=start or 10)]) if start else fakes.serp(fakes.others(10))

    fakes.use(monkeypatch, overlapping)
    assert serp.track_keyword(word)["says"] == "not found in the first 26 scanned"


def test_a_page_without_an_organic_result_is_an_answer_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    first, later = tracked(2, depth=30)
    fakes.use(monkeypatch)
    monkeypatch.setattr(check, "read", lambda *_: models.SerpPage(models.PageClass.ANSWER_ONLY))
    assert serp.track_keyword(first)["says"] == "not found: no organic results on the page"
    assert keywords.get(first).failures == 0 and keywords.get(first).scraped_at == NOON

    def only_answers_behind(body: bytes, form: str, url: str, charset: str | None) -> models.SerpPage:
        return read(body, form, url, charset) if "start=0" in url else models.SerpPage(models.PageClass.ANSWER_ONLY)

    monkeypatch.setattr(check, "read", only_answers_behind)
    assert serp.track_keyword(later)["says"] == "not found in the first 10 scanned"


def test_a_page_for_another_query_or_without_its_end_is_never_a_rank_and_never_a_drop(monkeypatch: pytest.MonkeyPatch) -> None:
    other, cut = tracked(2)
    _, store = fakes.use(monkeypatch, page_with(1))
    monkeypatch.setattr(check, "read", lambda *told: replace(read(*told), query="word"))
    with pytest.raises(WrongPage, match="answers 'word', and 'word 0' was asked"):
        serp.track_keyword(other)
    assert str(rank_now(other)) == "unknown: wrong_query" and rank_now(other).scanned == 0
    stored = json.loads(store.objects["p/word-0/2026-03-01.failed.json"])
    assert stored["organic"] == [] and stored["pages"][0]["query"] == "word", "the evidence is kept"
    monkeypatch.setattr(check, "read", lambda *told: replace(read(*told), is_cut_off=True))
    with pytest.raises(NetworkError, match="ends before it is whole"):
        serp.track_keyword(cut)
    assert str(rank_now(cut)) == "unknown: network" and keywords.next_due(cut) < NOON + timedelta(minutes=2)  # type: ignore[operator]


def test_ours_among_the_sources_of_the_ai_overview_is_told_beside_each_state(monkeypatch: pytest.MonkeyPatch) -> None:
    ranked, absent, blocked = tracked(3, depth=20)
    sources = ("https://a.test/", "https://www.example.com/guide#:~:text=b")
    monkeypatch.setattr(check, "read", lambda *told: replace(read(*told), cited=sources if "start=0" in told[2] else ()))
    _, store = fakes.use(monkeypatch, page_with(4))
    assert serp.track_keyword(ranked)["says"] == "ranked 4 (cited in the AI overview)"
    stored = json.loads(store.objects["p/word-0/2026-03-01.json"])
    assert stored["rank"]["cited"] is True and stored["cited"] == list(sources)
    fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start))
    assert serp.track_keyword(absent)["says"] == "not found in the first 20 scanned (cited in the AI overview)"
    fakes.use(monkeypatch, lambda text, start: fakes.CAPTCHA if start else fakes.page_of_others(start))
    with pytest.raises(BlockedError):
        serp.track_keyword(blocked)
    assert str(rank_now(blocked)) == "unknown: captcha (cited in the AI overview)"
    assert rank_now(ranked).cited and rank_now(absent).cited


def test_an_address_is_kept_without_the_marks_of_one_impression(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch, page_with(1, "https://www.example.com/p?size=4&srsltid=Af1#:~:text=Blue"))
    assert serp.track_keyword(word)["url"] == "https://www.example.com/p?size=4" == rank_now(word).url


def test_no_results_at_all_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch, fakes.NO_RESULTS)
    assert serp.track_keyword(word)["says"] == "not found: no organic results on the page"
    assert keywords.get(word).scraped_at == NOON


def test_an_opaque_link_is_resolved_only_where_the_displayed_host_may_be_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    page = fakes.serp([("/goto?url=CAESother", "other.test"), ("/goto?url=CAESours", "example.com"), *fakes.others(8)])
    provider, _ = fakes.use(monkeypatch, page)
    provider.links["https://www.google.com/goto?url=CAESours"] = OURS
    outcome = serp.track_keyword(word)
    assert provider.resolved == ["https://www.google.com/goto?url=CAESours"]
    assert outcome["says"] == "ranked 2" and rank_now(word).url == OURS


def test_a_rank_by_the_displayed_host_alone_is_marked_approximate(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch, fakes.serp([*fakes.others(2), ("/goto?url=CAESours", "example.com"), *fakes.others(7, start=2)]))
    outcome = serp.track_keyword(word)
    assert outcome["says"] == "ranked 3 (approximate)" and outcome["url"] is None
    assert rank_now(word).approximate


def test_the_sandbox_is_named_wherever_its_rank_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, store = fakes.use(monkeypatch, page_with(1))
    provider.is_sandbox = True
    assert serp.track_keyword(word)["says"] == "ranked 1 (sandbox)"
    assert rank_now(word).sandbox and json.loads(store.objects["p/word-0/2026-03-01.json"])["sandbox"] is True


def test_the_object_lies_at_domain_keyword_and_day(monkeypatch: pytest.MonkeyPatch) -> None:
    projects.add("example.com", projects.Options(depth=20))
    projects.add_keywords("example.com", ["Python  Tutorial", "C++", "C#"])
    _, store = fakes.use(monkeypatch, lambda text, start: page_with(2) if start else fakes.page_of_others(30))
    for text in ("python tutorial", "c++", "c#"):
        serp.track_keyword(keywords.id_of("example.com", text))
    assert {key for key in store.objects if "python" in key} == {
        "example.com/python-tutorial/2026-03-01.json",
        "example.com/python-tutorial/2026-03-01.p1.html.gz",
        "example.com/python-tutorial/2026-03-01.p2.html.gz",
    }
    assert len({key.split("/")[1] for key in store.objects}) == 3, "C++ and C# must not share a key"


def test_the_stored_object_says_everything_and_its_pages_can_be_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(country="de", language="de", device="mobile", depth=20)
    first, second = fakes.page_of_others(30), page_with(2)
    provider, store = fakes.use(monkeypatch, lambda text, start: second if start else first)
    serp.track_keyword(word)
    stored = records.StoredCheck.model_validate_json(store.objects["p/word-0/2026-03-01.json"])
    assert (stored.keyword_id, stored.keyword, stored.project_id, stored.domain) == (word, "word 0", "p", "example.com")
    assert (stored.country, stored.language, stored.device, stored.depth) == ("de", "de", "mobile", 20)
    assert provider.queries[0] == models.SerpQuery("word 0", "de", "de", "mobile")
    assert stored.rank == records.StoredRank(
        state=models.RankState.RANKED, rank=12, url=OURS, title="Title 2", scanned=20, approximate=False, reason=None
    )
    assert [row.rank for row in stored.organic] == list(range(1, 21))
    assert (stored.cost, stored.fetch_ms, stored.pages[0].remaining, stored.pages[1].request_id) == (20, 10, 990, "r2")
    assert stored.checked_at == NOON and stored.parser_version
    for page, body in zip(stored.pages, (first, second), strict=True):
        assert hashlib.sha256(store.objects[page.key]).hexdigest() == page.sha256
        assert gzip.decompress(store.objects[page.key]) == fakes.titled(body, "word 0")
        assert page.page_class is models.PageClass.RESULTS


@pytest.mark.parametrize(
    ("body", "error", "reason"),
    [
        (fakes.CAPTCHA, BlockedError, "captcha"),
        (fakes.JS_REQUIRED, BlockedError, "js_required"),
        (fakes.CONSENT, BlockedError, "consent"),
        (fakes.STRANGE, ParseFailure, "parse_failure"),
    ],
)
def test_a_page_that_is_no_answer_is_unknown_and_kept_for_study(
    body: bytes, error: type[Exception], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [word] = tracked()
    _, store = fakes.use(monkeypatch, body)
    with pytest.raises(error):
        serp.track_keyword(word)
    assert str(rank_now(word)) == f"unknown: {reason}" and rank_now(word).rank is None
    assert set(store.objects) == {"p/word-0/2026-03-01.failed.json", "p/word-0/2026-03-01.failed.p1.html.gz"}
    assert gzip.decompress(store.objects["p/word-0/2026-03-01.failed.p1.html.gz"]) == fakes.titled(body, "word 0")
    assert keywords.get(word).scraped_at is None


def test_a_block_on_a_later_page_is_unknown_and_not_a_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(depth=30)
    fakes.use(monkeypatch, lambda text, start: fakes.CAPTCHA if start == 10 else fakes.page_of_others(start))
    with pytest.raises(BlockedError):
        serp.track_keyword(word)
    assert str(rank_now(word)) == "unknown: captcha" and rank_now(word).scanned == 10


def test_a_failed_check_never_replaces_the_rank_or_the_object_of_the_same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    _, store = fakes.use(monkeypatch, page_with(4))
    serp.track_keyword(word)
    good = store.objects["p/word-0/2026-03-01.json"]
    provider, after = fakes.use(monkeypatch, fakes.CAPTCHA)
    after.objects.update(store.objects)
    with pytest.raises(BlockedError):
        serp.track_keyword(word, force=True)
    assert rank_now(word).rank == 4 and len(history.of(word)) == 1
    assert after.objects["p/word-0/2026-03-01.json"] == good and len(provider.asked) == 1


def test_a_rank_that_cannot_be_stored_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    _, store = fakes.use(monkeypatch, page_with(4))
    store.fails = SystemFault("No room below data/objects: free some")
    with pytest.raises(SystemFault):
        serp.track_keyword(word)
    assert str(rank_now(word)) == "unknown: system"
    error = keywords.last_error(word)
    assert error and error["category"] == "system" and "No room" in error["message"]


def test_two_projects_of_one_domain_never_share_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    _, store = fakes.use(monkeypatch, page_with(1))
    for name in ("desktop", "mobile"):
        projects.add("example.com", projects.Options(id=name, device=name))
        projects.add_keywords(name, ["shoes"])
        serp.track_keyword(keywords.id_of(name, "shoes"))
    assert {key for key in store.objects if key.endswith(".json")} == {
        "example.com/shoes/2026-03-01.json",
        "example.com--mobile/shoes/2026-03-01.json",
    }


def test_a_check_over_midnight_belongs_to_the_day_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    project(depth=20)
    keywords.add_many("p", ["late"])
    word = keywords.id_of("p", "late")

    def midnight_passes(text: str, start: int) -> bytes:
        clock.advance(NOON - NOON.replace(hour=1))
        return fakes.serp(fakes.others(10))

    with clock.frozen(NOON.replace(hour=20)):
        _, store = fakes.use(monkeypatch, midnight_passes)
        serp.track_keyword(word)
    assert rank_now(word).day == date(2026, 3, 1)
    assert "p/late/2026-03-01.json" in store.objects
