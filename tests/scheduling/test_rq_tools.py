"""rq-scheduler's own tools see our entries and steer them, and what they made runs too."""

from typing import Any

import pytest
import rq_scheduler

import clock
import queues
import scheduler
from scheduling import loop
from state.store import keys
from tests.scheduling import (
    MINUTE,
    START,
    TICK,
    by_cron,
    dues,
    entries,
    every,
    jobs_state,
    occur,
    occurrences,
    registered,
    run_all,
)
from tests.state import NOON
from worker import inline


def test_its_entries_are_seen_by_rq_schedulers_own_tools(store: Any) -> None:
    registered(scheduler.table()[0], by_cron("0 9 * * *"))
    stock = rq_scheduler.Scheduler(connection=store, job_class=queues.Job)
    assert TICK in stock and stock.count() == 2
    (tick, _), (daily, due) = list(stock.get_jobs(with_times=True))
    assert (tick.id, tick.meta["interval"], tick.func_name) == (TICK, 60, "jobs.serp.enqueue_batch")
    assert (daily.meta["cron_string"], daily.origin, due.hour, due.minute) == ("0 9 * * *", "low", 9, 0)
    assert daily.get_status() == "scheduled" and daily.result_ttl == -1 and daily.timeout == 10


@pytest.mark.usefixtures("at_noon")
def test_an_entry_cancelled_with_rq_schedulers_own_tools_does_not_run_until_the_next_start(store: Any) -> None:
    mine = registered(every(60))
    stock = rq_scheduler.Scheduler(connection=store, job_class=queues.Job)
    [job] = stock.get_jobs()
    stock.cancel(job)
    assert job not in stock
    mine._look()
    assert occurrences() == []
    registered(every(60)).enqueue_jobs()
    assert dues() == [0]


@pytest.mark.usefixtures("at_noon")
def test_an_occurrence_put_off_with_rq_schedulers_own_tools_waits(store: Any) -> None:
    mine = registered(every(60))
    stock = rq_scheduler.Scheduler(connection=store, job_class=queues.Job)
    [job] = stock.get_jobs()
    stock.change_execution_time(job, (NOON + 5 * MINUTE).replace(tzinfo=None))
    mine.enqueue_jobs()
    clock.advance(5 * MINUTE)
    mine.enqueue_jobs()
    assert dues() == [300]


@pytest.mark.usefixtures("at_noon")
def test_an_entry_set_back_to_a_time_that_was_does_not_run_it_again(store: Any) -> None:
    mine = registered(every(60))
    mine.enqueue_jobs()
    store.zadd(keys.RQ_SCHEDULER_JOBS, {"schedule-often": START})
    mine.enqueue_jobs()
    assert dues() == [0] and entries() == {"schedule-often": START + 60}


@pytest.mark.usefixtures("at_noon")
def test_a_job_of_enqueue_at_runs_once_when_it_is_due(store: Any) -> None:
    stock = rq_scheduler.Scheduler("low", connection=store, job_class=queues.Job)
    job = stock.enqueue_at((NOON + MINUTE).replace(tzinfo=None), occur, 7)
    other = stock.enqueue_at((NOON + MINUTE).replace(tzinfo=None), occur, 8)
    gone = stock.enqueue_at((NOON + MINUTE).replace(tzinfo=None), occur, 9)
    queues.Job.fetch(other.id, connection=store).cancel()
    store.delete(keys.job(gone.id))
    mine = loop.Scheduler()
    mine.enqueue_jobs()
    assert occurrences() == []
    clock.advance(MINUTE)
    mine.enqueue_jobs(), mine.enqueue_jobs()
    assert occurrences() == [job.id] and entries() == {}
    inline.run_until_idle()
    assert queues.Job.fetch(job.id, connection=store).return_value() == 7


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of what rq-scheduler asks of crontab
@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("rule", ["schedule", "cron"])
def test_a_periodic_job_of_rq_schedulers_api_runs_as_jobs_of_its_own(rule: str, store: Any) -> None:
    stock = rq_scheduler.Scheduler("low", connection=store, job_class=queues.Job)
    if rule == "schedule":
        stock.schedule((NOON + MINUTE).replace(tzinfo=None), occur, interval=60, id="theirs")
    else:
        stock.cron("* * * * *", occur, id="theirs", queue_name="low")
        stock.change_execution_time(queues.Job.fetch("theirs", connection=store), (NOON + MINUTE).replace(tzinfo=None))
    mine = loop.Scheduler()
    for _ in range(3):
        clock.advance(MINUTE)
        mine.enqueue_jobs()
        run_all()
    assert entries() == {"theirs": START + 240}
    assert [jobs_state(f"theirs-{START + 60 * number}") for number in (1, 2, 3)] == ["finished"] * 3


@pytest.mark.usefixtures("at_noon")
def test_the_repeat_count_of_rq_scheduler_is_refused_and_said_so(store: Any, caplog: pytest.LogCaptureFixture) -> None:
    stock = rq_scheduler.Scheduler("low", connection=store, job_class=queues.Job)
    stock.schedule(NOON.replace(tzinfo=None), occur, interval=60, repeat=3, id="theirs")
    loop.Scheduler().enqueue_jobs()
    assert occurrences() == [] and "`repeat` is not kept here" in caplog.text
