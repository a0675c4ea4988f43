"""`high` goes first and no queue starves: within a claim, over many, with several workers, whatever is empty."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
import queues
from state.engine import leases, limits
from tests.worker.test_consumer import done, fresh, note
from worker import consumer, inline, pool, process
from worker import execution as executions
from worker.shares import Shares

__all__ = ["fresh"]  # a fixture


@queues.job(retries=0)
async def later(value: Any = None) -> None:
    """A coroutine."""
    note(value)


@queues.job(retries=0)
def unlimited(value: Any = None) -> None:
    """A job of another kind."""


def laid(count: int = 60, *names: str, func: Any = note) -> None:
    """So many jobs in each of these queues (default: in all)."""
    for name in names or queues.QUEUES:
        queues.submit_many([models.Call(func, (name,), queue=name) for _ in range(count)])


def claimed(shares: Shares | None, threads: int, coroutines: int = 0, request: int = 1) -> list[str]:
    """Queues of the jobs of one claim."""
    of = shares.of(threads, coroutines) if shares else None
    known = queues.coroutine_functions()
    taken = leases.exchange("w", [], leases.LeaseRequest(request, queues.QUEUES, threads, coroutines, known, shares=of)).taken
    if shares:
        shares.took(len(taken))
    return [job.queue for job in taken]


def working(threads: int, shares: Shares | None, **options: Any) -> consumer.Consumer:
    threads_of = pool.Pool(threads, 10, executions.Execution.run)
    ends = consumer.Policy(burst=True, **options)
    return consumer.Consumer(f"w-{leases.token()}", lambda: queues.QUEUES, threads_of, ends, lambda running: None, shares)


@given(st.integers(1, 6), st.integers(0, 9), st.lists(st.integers(0, 40), max_size=30))
def test_no_queue_is_ever_a_round_from_its_share(count: int, start: int, takings: list[int]) -> None:
    shares, taken = Shares(count, start), [0] * count
    weights = ([6, 3, 1] + [1] * count)[:count]
    for threads in takings:
        of = shares.of(threads, 0).threads
        shares.took(threads)
        assert sum(of) == threads and min(of) >= 0
        taken = [before + now for before, now in zip(taken, of, strict=True)]
        for had, weight in zip(taken, weights, strict=True):
            assert abs(had - sum(taken) * weight / sum(weights)) <= 6


def test_a_claim_of_many_holds_the_shares_within_itself() -> None:
    laid()
    assert Counter(claimed(Shares(3), 20)) == {"high": 12, "default": 6, "low": 2}


@pytest.mark.parametrize("start", range(10))
def test_claims_of_one_job_each_hold_the_shares_between_them(start: int) -> None:
    laid()
    shares = Shares(3, start)
    taken = [claimed(shares, 1, request=number) for number in range(1, 51)]
    assert Counter(queue for [queue] in taken) == {"high": 30, "default": 15, "low": 5}


def test_without_shares_a_lower_queue_waits_for_the_higher_one() -> None:
    laid(10)
    assert claimed(None, 25) == ["high"] * 10 + ["default"] * 10 + ["low"] * 5


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        ({"default": 60}, {"default": 20}),
        ({"low": 60}, {"low": 20}),
        ({"high": 60}, {"high": 20}),
        ({"default": 60, "low": 60}, {"default": 18, "low": 2}),
        ({"high": 60, "low": 60}, {"high": 18, "low": 2}),
        ({"high": 60, "default": 2, "low": 60}, {"high": 16, "default": 2, "low": 2}),
        ({"high": 3, "default": 60, "low": 1}, {"high": 3, "default": 16, "low": 1}),
        ({"high": 1, "default": 1, "low": 1}, {"high": 1, "default": 1, "low": 1}),
        ({}, {}),
    ],
)
def test_what_a_queue_leaves_goes_to_the_others_in_their_order(there: dict[str, int], taken: dict[str, int]) -> None:
    for name, count in there.items():
        laid(count, name)
    assert Counter(claimed(Shares(3), 20)) == taken


def test_threads_and_the_loop_are_shared_each_by_themselves() -> None:
    laid(40)
    laid(40, func=later)
    assert Counter(claimed(Shares(3), 20, 10)) == {"high": 12, "default": 6, "low": 2}, "each head is a job for a thread"
    laid(40, "low", func=later)


def test_coroutines_are_taken_by_shares_too() -> None:
    laid(40, func=later)
    assert Counter(claimed(Shares(3), 5, 20)) == {"high": 12, "default": 6, "low": 2}


def test_a_queue_whose_kind_has_no_place_leaves_its_share_to_the_others() -> None:
    laid(40)
    laid(40, "high", func=later)
    limits.announce({"tests.worker.test_consumer.note": "noted"})
    limits.put("noted", 4)
    assert len(claimed(Shares(3), 20)) == 4
    limits.put("noted", 30)
    assert Counter(claimed(Shares(3), 20, request=2)) == {"high": 12, "default": 6, "low": 2}
    limits.put("noted", 0)
    laid(40, "low", func=unlimited)
    assert Counter(claimed(Shares(3), 20, request=3)) == {"low": 20}


def test_where_a_limit_leaves_one_place_at_a_time_no_queue_starves() -> None:
    limits.announce({"tests.worker.test_consumer.note": "noted"})
    limits.put("noted", 1)
    laid(300)
    shares, taken, random_before = Shares(3), Counter[str](), random.getstate()
    random.seed(7)
    for number in range(1, 201):
        wanted = leases.LeaseRequest(number, queues.QUEUES, 8, shares=shares.of(8, 0))
        [job] = leases.exchange("w", [], wanted).taken
        leases.exchange("w", [leases.Settlement(job, "finished", 0)], None)
        shares.took(1)
        taken[job.queue] += 1
    random.setstate(random_before)
    assert 100 <= taken["high"] <= 140 and 40 <= taken["default"] <= 80 and 8 <= taken["low"] <= 40


def test_who_only_looks_uses_up_nobodys_share() -> None:
    shares = Shares(3)
    for _ in range(7):
        assert claimed(shares, 1) == []
    laid()
    assert [claimed(shares, 1, request=number) for number in range(2, 12)] == [["high"]] * 6 + [["default"]] * 3 + [["low"]]


def test_a_claim_asked_for_again_gives_the_same_jobs() -> None:
    laid()
    shares = Shares(3).of(20, 0)
    wanted = leases.LeaseRequest(1, queues.QUEUES, 20, shares=shares)
    first = [job.lease for job in leases.exchange("w", [], wanted).taken]
    assert [job.lease for job in leases.exchange("w", [], wanted).taken] == first


def test_a_burst_does_all_there_is_by_shares() -> None:
    laid(30)
    working(1, Shares(3)).run()
    ran = [value for value, _ in done]
    assert Counter(ran) == dict.fromkeys(queues.QUEUES, 30)
    assert Counter(ran[:40]) == {"high": 24, "default": 12, "low": 4}


@pytest.mark.parametrize("prefetch", [0, 5, None])
def test_a_worker_of_25_holds_the_shares_with_and_without_prefetch(prefetch: int | None) -> None:
    laid(200)
    working(25, Shares(3), prefetch=prefetch).run()
    ran = Counter(value for value, _ in done[:150])
    assert abs(ran["default"] - 45) <= 25 and abs(ran["low"] - 15) <= 15


def test_several_workers_together_hold_the_shares() -> None:
    laid(100)
    workers = [Shares(3, random.randrange(10)) for _ in range(5)]
    taken: Counter[str] = Counter()
    for number in range(1, 21):
        for name, shares in enumerate(workers):
            wanted = leases.LeaseRequest(number, queues.QUEUES, 1, shares=shares.of(1, 0))
            taken.update(job.queue for job in leases.exchange(f"w{name}", [], wanted).taken)
            shares.took(1)
    assert taken == {"high": 60, "default": 30, "low": 10}


def test_the_inline_worker_holds_the_shares() -> None:
    laid(30)
    inline.run_until_idle()
    assert Counter(value for value, _ in done[:40]) == {"high": 24, "default": 12, "low": 4}


def test_a_worker_is_weighted_unless_it_is_told_to_be_strict() -> None:
    assert process.shares_of(process.Options()) and not process.shares_of(process.Options(weighted=False))
    assert not process.shares_of(process.Options(queues=["low"])), "one queue has all of it"


def test_each_process_begins_elsewhere_in_the_round() -> None:
    firsts = Counter()
    for _ in range(600):
        shares = process.shares_of(process.Options())
        assert shares
        firsts[queues.QUEUES[list(shares.of(1, 0).threads).index(1)]] += 1
    assert all(firsts[name] for name in queues.QUEUES), "also those that end after a job serve all queues together"


@pytest.mark.parametrize("share", [True, False])
def test_a_job_of_high_does_not_wait_for_those_of_low_that_wait_for_a_place(share: bool) -> None:
    limits.announce({"tests.worker.test_consumer.note": "noted"})
    limits.put("noted", 4)
    laid(300, "low")
    shares, order = Shares(3) if share else None, []
    held = leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, 5)).taken
    laid(1, "high")
    for number in range(2, 40):
        ended, *held = held
        order.append(ended.queue)
        wanted = leases.LeaseRequest(number, queues.QUEUES, 5, shares=shares.of(5, 0) if shares else None)
        held += leases.exchange("w", [leases.Settlement(ended, "finished", 0)], wanted).taken
        if shares:
            shares.took(1)
    assert "high" in order, "blocked jobs keep no place of a higher queue's"
