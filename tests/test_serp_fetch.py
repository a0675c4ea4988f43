"""One keyword's fetch: by which queue it comes, when it is not done at all, and what each kind of answer means."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

import clock
import config
import errors
import queues
from jobs import serp
from state.engine import counters, dedup
from state.store import connection, keys
from state.tracking import halts, history, keywords, request_slots
from tests import fakes
from tests.state import DAY, NOON, due_in, queued, scraped, tracked
from topics.tracking import claimed_check
from worker import inline


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


# --- routing --------------------------------------------------------------------------------------------------------


def test_a_keyword_goes_to_high_until_a_page_was_read_and_to_default_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch, errors.NetworkError("no answer"))
    serp.enqueue_batch()
    assert queued("high") == [word]
    inline.run_until_idle()
    clock.advance(timedelta(minutes=2))
    serp.enqueue_batch()
    assert queued("high") == [word], "a failed attempt read no page"
    provider.answers = fakes.serp(fakes.others(10))
    inline.run_until_idle()
    clock.advance(DAY)
    serp.enqueue_batch()
    assert (queued("high"), queued("default")) == ([], [word])


def test_high_is_worked_off_before_default(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = tracked(2)
    scraped(old)
    provider, _ = fakes.use(monkeypatch)
    serp.enqueue_batch()
    inline.run_until_idle()
    assert provider.asked == [("word 1", 0), ("word 0", 0)]
    assert history.of(new)


def test_a_check_submitted_by_hand_goes_to_default_and_joins_the_one_that_waits() -> None:
    [word] = tracked()
    first = queues.submit(serp.track_keyword, word)
    again = queues.submit(serp.track_keyword, word)
    assert (first.queue, first.duplicate_of, again.duplicate_of) == ("default", None, first.job_id)
    assert serp.enqueue_batch()["total"] == 0, "it is being processed"


def test_country_language_and_device_of_the_project_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(country="de", language="pt-BR", device="mobile", depth=20)
    provider, _ = fakes.use(monkeypatch)
    serp.track_keyword(word)
    assert [(query.text, query.country, query.language, query.device) for query in provider.queries] == [
        ("word 0", "de", "pt-BR", "mobile")
    ] * 2
    assert provider.asked == [("word 0", 0), ("word 0", 10)]


# --- the interval, once more at the start ---------------------------------------------------------------------------


def test_a_keyword_that_became_fresh_meanwhile_is_skipped_and_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, store = fakes.use(monkeypatch)
    scraped(word, timedelta(hours=23))
    due = due_in("p")[word]
    submission = queues.submit(serp.track_keyword, word)
    inline.run_until_idle()
    result = queues.Job.fetch(submission.job_id, connection=connection.client()).return_value()
    assert result == {"outcome": "skipped_recent", "due_at": "2026-03-01T13:00:00+00:00"}
    assert provider.asked == [] and store.objects == {} and request_slots.in_use("serp") == 0
    assert dedup.count() == 0 and due_in("p")[word] == due
    assert counters.counted("scraped", 30) == 0


@pytest.mark.parametrize(("ago_s", "outcome"), [(24 * 3600, "not_found"), (24 * 3600 - 1, "skipped_recent")])
def test_the_interval_is_reached_after_exactly_24_hours(ago_s: int, outcome: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch)
    scraped(word, timedelta(seconds=ago_s))
    assert serp.track_keyword(word)["outcome"] == outcome


def test_the_interval_is_the_projects_own(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(every_h=6)
    fakes.use(monkeypatch)
    assert serp.track_keyword(word)["outcome"] == "not_found"
    assert due_in("p")[word] == (NOON + timedelta(hours=6)).timestamp()


def test_force_fetches_a_fresh_keyword_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch)
    scraped(word, timedelta(minutes=1))
    assert serp.track_keyword(word, force=True)["outcome"] == "not_found"
    assert len(provider.asked) == 1


# --- slots ----------------------------------------------------------------------------------------------------------


def test_each_page_is_fetched_in_a_slot_and_the_slot_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(depth=20)
    taken = []

    def answering(text: str, start: int) -> bytes:
        taken.append(request_slots.in_use("serp"))
        return fakes.serp(fakes.others(10))

    fakes.use(monkeypatch, answering)
    serp.track_keyword(word)
    assert taken == [1, 1] and request_slots.in_use("serp") == 0


def test_without_a_free_slot_nothing_is_fetched_and_the_check_comes_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch)
    monkeypatch.setattr(claimed_check, "SLOT_WAIT_S", 0)
    with config.overridden(serp_concurrency=1):
        assert request_slots.take("serp", "somebody", 1)
        with pytest.raises(errors.ProviderBusy):
            serp.track_keyword(word)
    assert provider.asked == []
    assert 0 < due_in("p")[word] - NOON.timestamp() < 60
    assert request_slots.in_use("serp") == 1, "another holder's slot stays"


def test_a_slot_is_given_back_when_the_fetch_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch, errors.NetworkError("no answer"))
    with pytest.raises(errors.NetworkError):
        serp.track_keyword(word)
    assert request_slots.in_use("serp") == 0


# --- halting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        errors.BadToken("Scrape.do refuses the token"),
        errors.OutOfCredits("no credits left"),
        errors.ConfigError("R2_BUCKET is missing"),
    ],
)
def test_a_refusal_of_us_stops_the_batch_with_one_message_and_no_failures(
    error: errors.TrawlError, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ids = tracked(20)
    provider, _ = fakes.use(monkeypatch, error)
    serp.enqueue_batch()
    inline.run_until_idle()
    assert len(provider.asked) == 1, "the other 19 did not ask"
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1 and told[0].startswith(f"Fetching is halted: {error}. It goes on by itself")
    assert connection.client().zcard(f"{keys.RQ_FAILED}high") == 0, "no job failed"
    assert keywords.failed_count() == 0 and dedup.count() == 0
    assert all(keyword and keyword.failures == 0 and not history.of(keyword.id) for keyword in keywords.find_many(ids))
    halted = serp.enqueue_batch()
    assert (halted["outcome"], halted["reason"]) == ("halted", str(error))
    assert set(due_in("p").values()) == {0}, "all stay due"
    provider.answers = fakes.serp(fakes.others(10))
    assert halts.resume() and serp.enqueue_batch()["total"] == 20


def test_a_missing_token_halts_in_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    tracked(3)
    serp.enqueue_batch()
    with config.overridden(serp_provider="scrapedo", scrapedo_token=None):
        inline.run_until_idle()
        halt = halts.halted()
    assert halt and halt.provider == "scrapedo" and "SCRAPEDO_TOKEN" in halt.reason
    assert keywords.failed_count() == 0


def test_the_token_is_in_no_message_that_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tracked(2)
    fakes.use(monkeypatch, errors.NetworkError("https://api.scrape.do/?token=hunter2&url=x timed out"))
    with pytest.raises(errors.NetworkError):
        serp.track_keyword(first)
    fakes.use(monkeypatch, errors.BadToken("token=hunter2 is refused"))
    assert serp.track_keyword(second) == {"outcome": "halted", "reason": "token=*** is refused"}
    redis = connection.client()
    kept = redis.get(keys.last_error(first)) + redis.get(keys.HALTED)
    assert b"***" in kept and b"hunter2" not in kept


def test_a_halt_ends_by_itself_after_a_quarter_of_an_hour(store: object) -> None:
    halts.halt("sandbox", "first")
    halts.halt("sandbox", "second")
    halt = halts.halted()
    assert halt and (halt.reason, halt.since) == ("first", NOON)
    assert 0 < connection.client().ttl(keys.HALTED) <= halts.HALT_TTL_S


# --- what each answer means -----------------------------------------------------------------------------------------

PAGES = {
    "captcha": (fakes.CAPTCHA, errors.BlockedError, 300),
    "js_required": (fakes.JS_REQUIRED, errors.BlockedError, 300),
    "consent": (fakes.CONSENT, errors.BlockedError, 300),
    "parse_failure": (fakes.STRANGE, errors.ParseFailure, 600),
    "network": (errors.NetworkError("timed out"), errors.NetworkError, 60),
    "system": (errors.SystemFault("disk full"), errors.SystemFault, 60),
}


@pytest.mark.parametrize("reason", PAGES)
def test_every_answer_without_a_result_is_unknown_with_its_reason_and_comes_again_in_minutes(
    reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [word] = tracked()
    answer, error, again_s = PAGES[reason]
    fakes.use(monkeypatch, answer)
    with pytest.raises(error):
        serp.track_keyword(word)
    assert str(history.of(word)[0]) == f"unknown: {reason}"
    assert 0.75 * again_s - 1 <= due_in("p")[word] - NOON.timestamp() <= 1.25 * again_s + 1
    keyword = keywords.get(word)
    assert (keyword.failures, keyword.attempted_at, keyword.scraped_at) == (1, NOON, None)
    assert keywords.failed_count() == 1


def test_a_good_check_ends_the_failure_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch, fakes.CAPTCHA)
    with pytest.raises(errors.BlockedError):
        serp.track_keyword(word)
    provider.answers = fakes.serp(fakes.others(10))
    serp.track_keyword(word)
    assert keywords.failed_count() == 0 and keywords.last_error(word) is None
    assert keywords.get(word).failures == 0 and counters.counted("scraped") == 1
    clock.advance(timedelta(minutes=61))
    assert counters.counted("scraped") == 0
