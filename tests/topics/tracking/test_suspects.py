"""A mass drop is held until a sample says whether it is so; a rank that is held is unknown, and no alert tells of it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
import config
import models
from errors import NotNow
from jobs import serp
from state.tracking import drops, history, keywords, projects, suspects
from tests import fakes
from tests.state import NOON, TODAY, due_in, ranked, scraped, tracked
from topics import budgets
from topics.operations import views
from topics.tracking import claimed_check, ranks, reparse, resampling
from topics.tracking import projects as settings
from topics.tracking import suspects as guard

STATE = models.RankState
HERE = fakes.serp(["https://example.com/", *fakes.others(9)])
Answers = Callable[[set[str]], fakes.Provider]


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON), config.overridden(suspect_keywords=10, suspect_sample=3):
        yield


def project(monkeypatch: pytest.MonkeyPatch, count: int = 20, rank: int = 3) -> tuple[list[str], set[str], fakes.Provider]:
    """Keywords that ranked yesterday, those that vanished (a set to fill), and the provider."""
    words = tracked(count)
    for word in words:
        scraped(word, rank=ranked(rank, TODAY - timedelta(days=1)))
    gone: set[str] = set()
    provider, _ = fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start) if text in gone else HERE)
    return words, gone, provider


def check(*words: str) -> list[dict[str, Any]]:
    return [claimed_check.run(word, f"job-{word}", force=True) for word in words]


def state_of(word: str) -> tuple[STATE, str | None, int | None]:
    last = history.of(word)[-1]
    return last.state, last.reason, last.rank


def vanish(gone: set[str], words: list[str]) -> None:
    gone |= {keywords.get(word).text for word in words}


def run() -> suspects.Run:
    found = suspects.find("p", TODAY)
    assert found
    return found


def resample() -> dict[str, Any]:
    return serp.resample("p", TODAY.isoformat())


def test_a_few_that_fall_are_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, _ = project(monkeypatch)
    vanish(gone, words[:9])
    check(*words[9:], *words[:9])  # 9 of 20
    assert {state_of(word)[0] for word in words[:9]} == {STATE.NOT_FOUND}
    assert suspects.held() == [] and run().fallen == 9
    assert len(drops.every(0)[0].drops) == 9


@pytest.mark.parametrize(
    "changed",
    [{"country": "de"}, {"device": "mobile"}, {"language": "fr"}, {"domain": "other.test"}, {"location": "Austin,Texas,US"}],
)
def test_after_a_change_of_site_or_market_nothing_fell(monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]) -> None:
    words, gone, provider = project(monkeypatch)
    settings.change_settings("p", changed)
    vanish(gone, words)

    told = check(*words)

    assert {one["outcome"] for one in told} == {"not_found"} and suspects.find("p", TODAY) is None
    assert drops.every(0) == [] and len(provider.asked) == 20


def test_another_setting_or_a_change_long_ago_hides_no_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.frozen(NOON - timedelta(days=3)):
        words, gone, _ = project(monkeypatch)
        settings.change_settings("p", {"country": "de"})
    settings.change_settings("p", {"name": "Shop"})
    vanish(gone, words)

    check(*words)

    assert [one.fallen for one in suspects.held()] == [20]


def test_most_that_fall_are_held_also_those_that_were_recorded_before(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, provider = project(monkeypatch)
    vanish(gone, words)
    told = check(*words[:12])
    assert [one["outcome"] for one in told[:9]] == ["not_found"] * 9 and told[9]["outcome"] == "unknown"
    assert state_of(words[11])[:2] == (STATE.UNKNOWN, "suspect") and state_of(words[0])[0] is STATE.NOT_FOUND
    assert "a sample is checked again" in told[9]["says"]
    row = next(one for one in ranks.rows("p") if one["keyword_id"] == words[11] and one["day"] == TODAY.isoformat())
    assert (row["state"], row["rank"], row["reason"]) == ("unknown", None, "suspect"), "so it is in the export"
    [held] = suspects.held()
    assert (held.compared, held.fallen, held.round) == (12, 12, 1)
    monkeypatch.setattr(resampling, "_sample", lambda *_: (_ for _ in ()).throw(NotNow(NOON, "later")))
    with pytest.raises(NotNow):
        resample()
    assert {state_of(word)[:2] for word in words[:12]} == {(STATE.UNKNOWN, "suspect")}
    assert drops.every(0) == [] and len(provider.asked) == 12


def test_a_drop_that_is_real_is_released_whole_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, provider = project(monkeypatch)
    vanish(gone, words)
    check(*words)
    asked = len(provider.asked)
    told = resample()
    assert told["outcome"] == "released" and told["keywords"] == 20 and len(provider.asked) == asked + 3
    assert {state_of(word)[0] for word in words} == {STATE.NOT_FOUND}
    assert len(drops.every(0)[0].drops) == 20 and suspects.held() == []
    check(words[0])
    assert state_of(words[0])[0] is STATE.NOT_FOUND, "the run is over: what is read counts"
    assert resample() == {"outcome": "released"} and len(provider.asked) == asked + 4
    [shown] = views.project("p")["suspects"]
    assert shown["state"] == "released" and "3 fell, 0 stand" in shown["says"]


def test_a_drop_that_is_none_is_discarded_and_its_keywords_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, _ = project(monkeypatch)
    vanish(gone, words)
    check(*words)
    gone.clear()
    told = resample()
    assert told["outcome"] == "discarded" and told["due"] == 20
    assert {state_of(word)[:2] for word in words} == {(STATE.UNKNOWN, "suspect_discarded")}
    assert str(history.of(words[0])[-1]) == "unknown: suspect run discarded"
    assert set(due_in("p").values()) == {NOON.timestamp()} and drops.every(0) == []
    for word in words:
        claimed_check.run(word, f"again-{word}", force=False)
    assert {state_of(word) for word in words} == {(STATE.RANKED, None, 1)}
    assert guard.facts(run())["says"].endswith("its keywords are checked again.")


def test_it_is_held_twice_a_day_at_most_and_costs_no_more_than_two_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, provider = project(monkeypatch)
    for _ in range(2):
        vanish(gone, words)
        check(*words)
        gone.clear()
        resample()
    assert run().state == "discarded" and run().round == 2 and len(provider.asked) == 46
    vanish(gone, words)
    check(words[0])
    assert state_of(words[0])[:2] == (STATE.UNKNOWN, "suspect_discarded") and suspects.held() == []


def test_what_falls_far_counts_and_what_moves_a_little_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    before, rank = ranked(3), ranked(30)
    assert guard.has_fallen(before, rank, 100) and not guard.has_fallen(before, ranked(22), 100)
    nowhere = models.Rank(TODAY, STATE.NOT_FOUND, 10)
    assert guard.has_fallen(ranked(60), nowhere, 100), "10 results in place of 100 say nothing of rank 60"
    assert not guard.has_fallen(ranked(60), nowhere, 10), "the project looks less deep by now"


def test_small_projects_and_unknown_ranks_hold_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, _ = project(monkeypatch, count=9)
    vanish(gone, words)
    check(*words)
    assert {state_of(word)[0] for word in words} == {STATE.NOT_FOUND} and suspects.held() == []


def test_a_keyword_that_is_checked_again_and_again_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, _ = project(monkeypatch)
    vanish(gone, words[:1])
    for _ in range(15):
        check(words[0])
    assert (run().compared, run().fallen) == (1, 1)
    gone.clear()
    check(words[0])
    assert (run().compared, run().fallen) == (1, 0)


def test_switched_off_it_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, _ = project(monkeypatch)
    vanish(gone, words)
    with config.overridden(suspect_sample=0):
        check(*words)
    assert {state_of(word)[0] for word in words} == {STATE.NOT_FOUND} and suspects.find("p", TODAY) is None


def test_without_budget_the_sample_waits_and_a_kill_pays_no_keyword_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, provider = project(monkeypatch)
    vanish(gone, words)
    check(*words)
    asked = len(provider.asked)
    budgets.set_limit("project:p", credits=45)  # a page is held with 25 and costs 10: the fourth has no room
    with config.overridden(suspect_sample=6), pytest.raises(NotNow, match="budget_exhausted"):
        resample()
    paid = len(provider.asked) - asked
    assert 0 < paid < 6 and run().state == "held" and len(run().sample) == paid
    budgets.set_limit("project:p", credits=1000)
    with config.overridden(suspect_sample=6):
        assert resample()["outcome"] == "released"
    assert len(provider.asked) == asked + 6


def test_a_sample_that_cannot_be_read_discards_without_checking_all_again(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, provider = project(monkeypatch)
    vanish(gone, words)
    check(*words)
    provider.answers = fakes.CAPTCHA
    told = resample()
    assert told["outcome"] == "discarded" and told["due"] == 0 and "3 could not be read" in told["note"]
    assert run().state == "discarded"


def test_a_run_that_nobody_can_sample_for_a_day_is_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, provider = project(monkeypatch)
    vanish(gone, words)
    check(*words)
    asked = len(provider.asked)
    clock.advance(timedelta(days=1, minutes=1))
    assert resample()["note"] == "no sample could be checked for a day" and len(provider.asked) == asked
    assert run().state == "discarded"


def test_a_reparse_shows_nothing_that_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    words, gone, _ = project(monkeypatch)
    vanish(gone, words)
    check(*words)
    from topics.tracking import check as checks

    reparse.day(checks.tools().store, TODAY)
    assert state_of(words[15])[:2] == (STATE.UNKNOWN, "suspect")


def test_every_run_that_is_held_gets_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    from worker import inline

    words, gone, _ = project(monkeypatch)
    vanish(gone, words)
    check(*words)
    assert serp.tend_suspects() == {"held": 1} and serp.tend_suspects() == {"held": 1}
    inline.run_until_idle()
    assert run().state == "released" and serp.tend_suspects() == {"held": 0}


def test_a_fall_is_kept_until_the_keyword_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    [word], gone, _ = project(monkeypatch, count=1)
    vanish(gone, [word])
    check(word)
    found = drops.find("p", word)
    assert found and (found.was, found.to) == (3, None) and "“word 0” 3 → not found" in found.says
    clock.advance(timedelta(days=1))
    check(word)
    again = drops.find("p", word)
    assert again and again.was == 3
    gone.clear()
    clock.advance(timedelta(days=1))
    check(word)
    assert drops.find("p", word) is None


def test_what_was_not_looked_for_so_deep_and_what_the_sandbox_invents_is_no_fall() -> None:
    [word] = tracked(1)
    keyword, of = keywords.get(word), projects.get("p")
    for was, now, is_fall in (
        (ranked(60), models.Rank(TODAY, STATE.NOT_FOUND, 10), False),
        (ranked(8), models.Rank(TODAY, STATE.NOT_FOUND, 10, sandbox=True), False),
        (ranked(8), ranked(10), False),
        (ranked(8), models.Rank(TODAY, STATE.NOT_FOUND, 10), True),
    ):
        guard.note(of, keyword, was, now)
        assert (drops.find("p", word) is not None) is is_fall
