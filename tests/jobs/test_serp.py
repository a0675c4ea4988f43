"""The two jobs: a claim ends with every outcome there is, and the next check comes when it should."""

import contextlib
import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import rq
import rq.job

import clock
import config
import errors
import queues
from jobs import serp
from state.engine import dedup, jobs
from state.store import connection, keys
from state.tracking import history, keywords, outcomes
from state.tracking import projects as stored_projects
from tests import fakes, patience
from tests.state import DAY, NOON, audit, depth, due_in, end, job_of, pop, project, queued, ranked, scraped, tick, tracked, words
from topics.tracking import projects
from worker import inline

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def run(job_id: str) -> queues.Job:
    """Run everything that waits; the job as it is afterwards."""
    inline.run_until_idle()
    return queues.Job.fetch(job_id, connection=connection.client())


# --- the claim ends with every outcome ------------------------------------------------------------------------------

ENDINGS: dict[str, Any] = {
    "ranked": fakes.serp(["https://example.com/", *fakes.others(9)]),
    "not found": fakes.serp(fakes.others(10)),
    "no results": fakes.NO_RESULTS,
    "captcha": fakes.CAPTCHA,
    "js required": fakes.JS_REQUIRED,
    "consent": fakes.CONSENT,
    "parse failure": fakes.STRANGE,
    "network": errors.NetworkError("timed out"),
    "busy": errors.ProviderBusy("429"),
    "bad input": errors.DataError("400"),
    "no credits": errors.OutOfCredits("none left"),
    "bad token": errors.BadToken("refused"),
    "disk full": errors.SystemFault("disk full"),
    "a defect": ZeroDivisionError("a defect of ours"),
    "a defect outside": UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
}


#: What is no failure of a job's.
FINISHED = ("ranked", "not found", "no results", "no credits", "bad token")


@pytest.mark.parametrize("name", ENDINGS)
def test_the_claim_is_freed_and_the_keyword_is_due_again_after(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch, ENDINGS[name])
    serp.enqueue_batch()
    job = run(job_of(word))
    assert job.get_status() == ("finished" if name in FINISHED else "failed")
    assert dedup.count() == 0
    audit()
    clock.advance(DAY)
    if name not in ("no credits", "bad token"):
        assert serp.enqueue_batch()["total"] == 1, "it is tried again, at the latest at its next regular time"


def test_the_claim_of_a_fresh_keyword_is_freed() -> None:
    [word] = tracked()
    scraped(word, timedelta(hours=1))
    submission = queues.submit(serp.track_keyword, word)
    assert run(submission.job_id).return_value()["outcome"] == "skipped_recent"
    assert dedup.count() == 0
    audit()


def test_the_claim_of_an_archived_keyword_is_freed_and_it_stays_archived(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch)
    serp.enqueue_batch()
    keywords.set_archived(word, True)
    assert run(job_of(word)).return_value() == {"outcome": "archived"}
    assert dedup.count() == 0 and provider.asked == [] and due_in("p") == {}
    audit()


def test_a_keyword_archived_during_its_check_keeps_the_rank_and_does_not_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()

    def archived_meanwhile(text: str, start: int) -> bytes:
        keywords.set_archived(word, True)
        return fakes.serp(fakes.others(10))

    fakes.use(monkeypatch, archived_meanwhile)
    assert serp.track_keyword(word)["outcome"] == "not_found"
    assert len(history.of(word)) == 1 and due_in("p") == {} and dedup.count() == 0
    keywords.set_archived(word, False)
    assert due_in("p") == {word: (NOON + DAY).timestamp()}
    audit()


@pytest.mark.parametrize("what", ["project", "keyword"])
@pytest.mark.parametrize("when", ["before", "during"])
def test_the_claim_of_a_removed_keyword_is_freed_and_nothing_of_it_comes_back(
    what: str, when: str, monkeypatch: pytest.MonkeyPatch, store: Any
) -> None:
    [word] = tracked()

    def remove() -> None:
        if what == "project":
            projects.remove("p")
        else:
            keywords.remove("p", [word])

    def removed_meanwhile(text: str, start: int) -> bytes:
        remove()
        return fakes.serp(fakes.others(10))

    fakes.use(monkeypatch, removed_meanwhile)
    serp.enqueue_batch()
    job_id = job_of(word)
    if when == "before":
        remove()
    result = run(job_id).return_value()
    assert result["outcome"] == ("gone" if when == "before" else "not_found")
    assert dedup.count() == 0
    assert not list(store.scan_iter(f"{keys.KEYWORD}*"))
    assert not list(store.scan_iter(f"{keys.PROJECT}*:due"))
    audit()


def test_a_check_that_takes_too_long_is_ended_and_its_claim_freed(monkeypatch: pytest.MonkeyPatch, store: Any) -> None:
    [word] = tracked()

    def hangs(text: str, start: int) -> bytes:
        clock.wait(20)
        raise AssertionError("the time limit did not end it")

    fakes.use(monkeypatch, hangs)
    monkeypatch.setattr(serp, "CHECK_TIMEOUT_S", 1)
    serp.enqueue_batch()
    job = run(job_of(word))
    result = job.latest_result()
    assert job.get_status() == "failed" and result and "JobTimeout" in (result.exc_string or "")
    assert dedup.count() == 0 and str(history.of(word)[0]) == "unknown: system"
    assert due_in("p")[word] == NOON.timestamp() + 60
    audit()


@pytest.mark.parametrize("how", ["cancelled", "deleted", "hash expired"])
def test_the_claim_of_a_job_that_is_gone_is_freed_by_the_next_tick(how: str, store: Any) -> None:
    [word] = tracked()
    serp.enqueue_batch()
    job_id = job_of(word)
    job = rq.job.Job.fetch(job_id, connection=store, serializer=rq.serializers.JSONSerializer)
    if how == "cancelled":
        job.cancel()
    elif how == "deleted":
        job.delete()
    else:
        store.delete(keys.job(job_id))
        store.delete(keys.queue("high"))
    assert dedup.count() == 1
    result = serp.enqueue_batch()
    assert (result["freed"], result["total"]) == (1, 1)
    assert queued() == [word] and job_of(word) != job_id
    audit()


def test_a_check_whose_process_was_killed_counts_as_a_failure_and_waits_like_one(store: Any) -> None:
    [word] = tracked()
    for failures in (1, 2, 3):
        assert serp.enqueue_batch()["total"] == 1
        job_id = job_of(word)
        store.lpop(keys.queue("high"))
        store.hset(keys.job(job_id), "status", "failed")
        assert serp.enqueue_batch()["freed"] == 1
        assert keywords.get(word).failures == failures and dedup.count() == 0
        assert str(history.of(word)[0]) == "unknown: system"
        clock.advance(timedelta(minutes=1))
    assert due_in("p")[word] == (NOON + timedelta(minutes=2) + DAY).timestamp()
    audit()


def test_a_direct_call_that_died_holds_the_claim_for_a_minute_at_most() -> None:
    [word] = tracked()
    assert dedup.take(dedup.SERP, word, dedup.direct_owner()) is None
    assert serp.enqueue_batch()["total"] == 0
    clock.advance(timedelta(minutes=1) - timedelta(milliseconds=1))
    assert serp.enqueue_batch()["total"] == 0
    clock.advance(timedelta(milliseconds=1))
    assert serp.enqueue_batch()["total"] == 1
    audit()


def test_what_is_queued_for_a_project_that_was_deactivated_is_not_bought(monkeypatch: pytest.MonkeyPatch) -> None:
    tracked(5)
    provider, _ = fakes.use(monkeypatch)
    serp.enqueue_batch()
    stored_projects.set_active("p", False)
    inline.run_until_idle()
    assert provider.asked == [] and dedup.count() == 0
    audit()
    stored_projects.set_active("p", True)
    assert serp.enqueue_batch()["total"] == 5, "all of them are due at once"


def test_a_check_by_hand_is_made_for_an_inactive_project_and_an_archived_keyword(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch)
    stored_projects.set_active("p", False)
    keywords.set_archived(word, True)
    assert serp.track_keyword(word)["outcome"] == "inactive"
    assert serp.track_keyword(word, force=True)["outcome"] == "not_found"


def test_a_check_by_hand_renews_its_claim_while_it_fetches(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    monkeypatch.setattr(dedup, "RENEWED_EVERY_S", 0.001)
    renewed, renew = threading.Event(), dedup.renew
    monkeypatch.setattr(dedup, "renew", lambda *which: [renew(*which), renewed.set()][0])

    def slow(text: str, start: int) -> bytes:
        assert renewed.wait(patience.HANG_S)
        return fakes.serp(fakes.others(10))

    fakes.use(monkeypatch, slow)
    assert serp.track_keyword(word, force=True)["outcome"] == "not_found" and dedup.count() == 0


def test_a_check_is_not_started_beside_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch)
    serp.enqueue_batch()
    assert serp.track_keyword(word) == {"outcome": "in_progress", "job": job_of(word)}
    assert provider.asked == [] and dedup.count() == 1


def test_an_unknown_keyword_is_gone_and_leaves_no_claim() -> None:
    assert serp.track_keyword("nosuchword") == {"outcome": "gone"}
    assert dedup.count() == 0


# --- the late outcome of a former owner -----------------------------------------------------------------------------


def _kept(store: Any) -> dict[bytes, Any]:
    """All but the places of requests: one that is freed wakes a worker."""
    return {key: store.dump(key) for key in store.scan_iter("trawl:*") if b":slots:" not in key and key != b"trawl:wake"}


@pytest.mark.parametrize("answer", [fakes.serp(["https://example.com/", *fakes.others(9)]), errors.NetworkError("x")])
def test_the_outcome_of_a_job_that_lost_its_claim_changes_nothing(
    answer: Any, monkeypatch: pytest.MonkeyPatch, store: Any, caplog: pytest.LogCaptureFixture
) -> None:
    [word] = tracked()
    before: dict[bytes, Any] = {}

    def taken_over(text: str, start: int) -> Any:
        [claim] = dedup.held()
        outcomes.release(claim)
        tick()
        before.update(_kept(store))
        if isinstance(answer, Exception):
            raise answer
        return answer

    fakes.use(monkeypatch, taken_over)
    with contextlib.suppress(errors.NetworkError):
        serp.track_keyword(word)
    assert _kept(store) == before
    assert any("refused" in record.getMessage() for record in caplog.records)
    assert queued() == [word] and dedup.count() == 1
    audit()


def test_a_claim_reset_by_hand_lets_the_keyword_come_at_once() -> None:
    first, second = tracked(2)
    serp.enqueue_batch()
    [claim, _] = dedup.held()
    assert outcomes.release(claim) and not outcomes.release(claim)
    assert due_in("p")[claim.member] == 0
    assert {first, second} == {claim.member, *(held.member for held in dedup.held())}


# --- when the next check comes --------------------------------------------------------------------------------------


def test_the_first_check_sets_the_slot_and_the_next_comes_24_hours_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch)
    serp.track_keyword(word)
    assert keywords.get(word).due_at == NOON + DAY == keywords.next_due(word)


def test_due_times_do_not_drift_over_30_days_of_random_lateness() -> None:
    [word] = tracked()
    serp.enqueue_batch()
    end(*pop())
    chance = random.Random(7)
    for day in range(1, 31):
        with clock.frozen(NOON + day * DAY + timedelta(seconds=chance.randrange(0, 8 * 3600))):
            assert serp.enqueue_batch()["total"] == 1
            clock.advance(timedelta(seconds=chance.randrange(0, 3600)))
            end(*pop())
            assert keywords.next_due(word) == NOON + (day + 1) * DAY
    assert len(history.of(word)) == 31


def test_missed_days_become_one_check_and_the_slot_keeps_its_time_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch)
    serp.track_keyword(word)
    clock.advance(5 * DAY + timedelta(hours=3))
    assert serp.enqueue_batch()["total"] == 1
    inline.run_until_idle()
    assert len(provider.asked) == 2 and keywords.next_due(word) == NOON + 6 * DAY
    assert serp.enqueue_batch()["total"] == 0


def test_a_failure_is_retried_with_growing_waits_three_times_in_a_row_then_at_the_regular_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch)
    serp.track_keyword(word)
    provider.answers = errors.NetworkError("no answer")
    clock.advance(DAY)
    for number, (least, most) in enumerate([(45, 75), (90, 150)], 1):
        with pytest.raises(errors.NetworkError):
            serp.track_keyword(word)
        next_due = keywords.next_due(word)
        assert next_due and least - 1 <= (next_due - clock.now()).total_seconds() <= most
        assert keywords.get(word).failures == number
        clock.advance(next_due - clock.now())
    with pytest.raises(errors.NetworkError):
        serp.track_keyword(word)
    assert keywords.next_due(word) == NOON + 2 * DAY
    clock.advance(DAY)
    with pytest.raises(errors.NetworkError):
        serp.track_keyword(word)
    next_due = keywords.next_due(word)
    assert next_due and 44 <= (next_due - clock.now()).total_seconds() <= 75, "the next day begins anew"


def test_a_retry_that_succeeds_leaves_the_slot_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch)
    serp.track_keyword(word)
    clock.advance(DAY)
    provider.answers = fakes.CAPTCHA
    with pytest.raises(errors.BlockedError):
        serp.track_keyword(word)
    clock.advance(10 * MINUTE)
    provider.answers = fakes.serp(fakes.others(10))
    assert serp.enqueue_batch()["default"] == 1
    inline.run_until_idle()
    assert keywords.next_due(word) == NOON + 2 * DAY


@pytest.mark.parametrize("error", [errors.DataError("400: the query cannot be asked"), errors.NotFound("410")])
def test_what_a_retry_cannot_help_waits_for_the_next_regular_time(
    error: errors.TrawlError, monkeypatch: pytest.MonkeyPatch
) -> None:
    [word] = tracked()
    fakes.use(monkeypatch, error)
    with pytest.raises(type(error)):
        serp.track_keyword(word)
    assert keywords.next_due(word) == NOON + DAY
    serp.enqueue_batch()
    assert queued() == []
    clock.advance(DAY)
    serp.enqueue_batch()
    assert queued("high") == [word], "it was still never scraped"


def test_a_check_by_hand_does_not_move_the_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    fakes.use(monkeypatch)
    serp.track_keyword(word)
    clock.advance(timedelta(hours=5))
    assert serp.track_keyword(word, force=True)["outcome"] == "not_found"
    assert keywords.next_due(word) == NOON + DAY and keywords.get(word).scraped_at == NOON + timedelta(hours=5)


def test_a_check_by_hand_that_fails_before_its_time_waits_for_the_regular_one(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked()
    provider, _ = fakes.use(monkeypatch)
    serp.track_keyword(word)
    provider.answers = errors.NetworkError("no answer")
    clock.advance(timedelta(hours=5))
    with pytest.raises(errors.NetworkError):
        serp.track_keyword(word, force=True)
    assert keywords.next_due(word) == NOON + DAY, "a retry before that would be skipped as too recent"


# --- the tick -------------------------------------------------------------------------------------------------------


def test_a_tick_holds_back_when_the_queues_are_deep_and_says_so() -> None:
    tracked(20)
    with config.overridden(serp_max_queue_depth=8):
        first, second = serp.enqueue_batch(), serp.enqueue_batch()
    assert (first["outcome"], first["total"]) == ("held_back", 8)
    assert (second["outcome"], second["total"]) == ("held_back", 0)
    assert serp.enqueue_batch()["total"] == 12
    audit()


def test_all_ticks_of_one_interval_share_one_batch_size() -> None:
    tracked(30)
    with config.overridden(serp_batch_size=10):
        due_s = int(NOON.timestamp())
        totals = [serp.enqueue_batch(due_s=due_s)["total"], serp.enqueue_batch(due_s=due_s + 59)["total"]]
        assert totals == [10, 0] and depth() == 10
        assert serp.enqueue_batch(due_s=due_s + 60)["total"] == 10
        assert serp.enqueue_batch()["total"] == 10, "a tick by hand has an allowance of its own"


def test_a_second_tick_waits_for_the_first_only_as_long_as_that_one_lives() -> None:
    first, again = queues.submit(serp.enqueue_batch), queues.submit(serp.enqueue_batch)
    assert again.duplicate_of == first.job_id
    inline.run_until_idle()
    assert queues.submit(serp.enqueue_batch).duplicate_of is None


def test_a_tick_run_by_a_worker_feeds_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    tracked(7)
    provider, _ = fakes.use(monkeypatch)
    queues.submit(serp.enqueue_batch)
    assert inline.run_until_idle() >= 1
    assert len(provider.asked) == 7 and dedup.count() == 0


def test_the_name_the_batch_writes_is_the_registered_one() -> None:
    [word] = tracked()
    serp.enqueue_batch()
    [job_id] = pop()
    job = queues.Job.fetch(job_id, connection=connection.client())
    spec = queues.spec_of(serp.track_keyword)
    assert (job.func, job.args, job.kwargs, job.timeout) == (serp.track_keyword, [word], {}, spec.timeout_s)
    end(job_id)
    assert dedup.count() == 0 and jobs.depths(queues.QUEUES) == {"high": 0, "default": 0, "low": 0}


def test_a_project_is_found_again_after_a_removal_and_a_new_start(monkeypatch: pytest.MonkeyPatch) -> None:
    project("a", domain="example.com", folder="example.com")
    [word] = words("a", 1)
    outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("read", ranked()))
    projects.remove("a")
    project("a", domain="example.com", folder="example.com")
    words("a", 1)
    assert history.of(word) == [] and keywords.get(word).scraped_at is None
    assert stored_projects.get("a").folder == "example.com"
    assert serp.enqueue_batch()["high"] == 1


# --- the day of a rank, and the hour of a project -------------------------------------------------------------------


def late(word: str, by: timedelta) -> None:
    """Let the keyword be due again, and its check run so late."""
    clock.advance(stored(word).due_at - clock.now() + by)
    serp.enqueue_batch()
    inline.run_until_idle()


def stored(word: str) -> Any:
    return keywords.get(word)


def days_of(word: str) -> list[str]:
    return [rank.day.isoformat()[5:] for rank in history.of(word)]


def test_a_daily_check_leaves_a_rank_of_every_day_also_when_it_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.use(monkeypatch)
    clock.advance(timedelta(hours=11, minutes=58))
    [word] = tracked()
    serp.enqueue_batch()
    inline.run_until_idle()
    for minutes in (0, 3, 0, 4, 119, 0):
        late(word, minutes * MINUTE)
    assert days_of(word) == ["03-01", "03-02", "03-03", "03-04", "03-05", "03-06", "03-07"]


def test_a_retry_and_a_failure_belong_to_the_day_of_their_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    provider, store = fakes.use(monkeypatch)
    clock.advance(timedelta(hours=11, minutes=58))
    [word] = tracked()
    serp.enqueue_batch()
    inline.run_until_idle()
    provider.answers = fakes.CAPTCHA
    late(word, 4 * MINUTE)
    assert (days_of(word)[-1], history.of(word)[-1].reason) == ("03-02", "captcha")
    provider.answers = fakes.serp(["https://example.com/"])
    clock.advance(timedelta(minutes=20))
    serp.enqueue_batch()
    inline.run_until_idle()
    assert days_of(word) == ["03-01", "03-02"] and history.of(word)[-1].rank == 1
    assert [name for name in store.objects if "2026-03-02.json" in name], "what is stored has the same day"


def test_a_check_by_hand_before_its_time_belongs_to_its_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.use(monkeypatch)
    [word] = tracked(zone="Asia/Tokyo")
    scraped(word, timedelta(hours=20))
    clock.advance(timedelta(hours=3, minutes=30))
    serp.track_keyword(word, force=True)
    assert days_of(word)[-1] == "03-02", "half past midnight in Tokyo"


@pytest.mark.parametrize(("zone", "hour", "due"), [("UTC", 6, "06:00"), ("Asia/Kolkata", 6, "00:30"), ("UTC", None, "12:00")])
def test_the_hour_of_a_project_decides_when_its_keywords_are_due(
    zone: str, hour: int | None, due: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.use(monkeypatch)
    [word] = tracked(zone=zone, hour=hour)
    serp.enqueue_batch()
    inline.run_until_idle()
    for _ in range(3):
        assert stored(word).due_at.strftime("%H:%M") == due
        late(word, 7 * MINUTE)
    assert len(days_of(word)) == 4
    audit()


def test_a_project_changed_during_a_check_gets_its_new_due_time(monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = tracked(every_h=8760.0)

    def changed_meanwhile(text: str, start: int) -> bytes:
        connection.client().hset(keys.project("p"), "every_h", 24)
        return fakes.serp(fakes.others(10))

    fakes.use(monkeypatch, changed_meanwhile)
    serp.enqueue_batch()
    inline.run_until_idle()
    assert stored(word).due_at == NOON + DAY
