"""The spans of a job's life: what is known in order, and nothing that nobody wrote down."""

from datetime import UTC, datetime, timedelta

from models import JobStatus
from topics.operations import timeline
from topics.operations.attempts import Attempt
from topics.operations.job_records import Job

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def job(status: JobStatus, **more: object) -> Job:
    return Job("x", status, "", "low", created_at=NOON, **more)  # type: ignore[arg-type]


def told(found: list[timeline.Span]) -> list[tuple[str, float | None]]:
    return [(one.what, one.length_s) for one in found]


def test_waits_and_attempts_follow_each_other_without_gaps() -> None:
    tried = [
        Attempt("w-1-1", "failed", "w", at(2), at(5), retry_in_s=60),
        Attempt("w-2-1", "crashed", "w", at(70), at(80)),
        Attempt("v-1-1", "completed", "v", at(81), at(90)),
    ]
    found = timeline.of(job(JobStatus.COMPLETED, attempts=3, ended_at=at(90)), tried)
    assert told(found) == [
        ("submitted", None),
        ("waited", 2),
        ("attempt 1", 3),
        ("waited", 65),
        ("attempt 2", 10),
        ("waited", 1),
        ("attempt 3", 9),
        ("completed", None),
    ]
    assert found[3].says.startswith("1 min until it might be tried again") and found[5].says == "put back into its queue"


def test_a_job_that_was_parked_says_since_when_and_why() -> None:
    found = timeline.of(job(JobStatus.PARKED, parked_for="its host rests"), [], at(7))
    assert found[-1] == timeline.Span("parked", "its host rests", at(7), is_now=True)


def test_a_running_job_goes_on_and_one_of_which_no_attempt_is_known_too() -> None:
    assert timeline.of(job(JobStatus.RUNNING), [Attempt("", "running", "w", at(1))])[-1].is_now
    found = timeline.of(job(JobStatus.RUNNING, started_at=at(1), worker="w"), [])
    assert [one.what for one in found] == ["submitted", "running"] and found[-1].is_now


def test_attempts_that_are_not_kept_are_counted() -> None:
    tried = [Attempt(f"w-{number}-1", "failed", "w", at(number), at(number + 0.5)) for number in range(2)]
    found = timeline.of(job(JobStatus.FAILED, attempts=25, error_message="boom", ended_at=at(9)), tried)
    assert found[1].says == "23 attempts of before are not kept" and found[-1].says == "boom"


def test_times_that_are_missing_or_turned_round_make_no_negative_span() -> None:
    tried = [Attempt("w-1-1", "failed", "w", None, at(5)), Attempt("w-2-1", "failed", "w", at(3), at(2))]
    found = timeline.of(job(JobStatus.FAILED, ended_at=at(6)), tried)
    assert all(one.length_s is None or one.length_s >= 0 for one in found)
    assert timeline.of(Job("x", JobStatus.COMPLETED, "", kept=False), []) == [timeline.Span("completed", "", None)]
