"""Limits per kind: never more runs than places, nobody is held up, order is kept, and RQ's tools find what waits."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import rq
from rq.registry import CanceledJobRegistry
from rq.serializers import JSONSerializer

import clock
import config
import models
import queues
from errors import NotFound
from jobs import serp
from state.engine import jobs, leases, limits, rescues
from state.store import connection, keys
from tests.state import NOON, tracked

HERE = "tests.state.test_limits"
LEASE = timedelta(milliseconds=leases.LEASE_MS)


@queues.job(kind="form", retries=1)
def form(number: int = 0) -> None:
    """A job of a kind that gets a limit."""


@queues.job(kind="form", retries=0)
async def form_on_loop(number: int = 0) -> None:
    """The same kind on the loop."""


@queues.job(kind="page", retries=0)
def page(number: int = 0) -> None:
    """Another kind."""


@pytest.fixture(autouse=True)
def announced(store: Any) -> None:
    limits.announce(queues.kinds())


class Worker:
    """Takes and settles; every look is a request of its own."""

    def __init__(self, name: str = "w1") -> None:
        self.name, self.request, self.last = name, 0, leases.ExchangeResult([], [])

    def take(self, threads: int = 10, coroutines: int = 0, names: Any = queues.QUEUES, again: bool = False) -> list[str]:
        """One look; ids of the jobs taken."""
        self.request += not again
        known = queues.coroutine_functions() if coroutines else []
        self.last = leases.exchange(self.name, [], leases.LeaseRequest(self.request, names, threads, coroutines, known))
        return [job.id for job in self.last.taken]

    def settle(self, job: leases.Leased, outcome: str = "finished", **options: Any) -> leases.Settled:
        return leases.exchange(self.name, [leases.Settlement(job, outcome, **options)], None).settled[0]


def submitted(count: int, func: Any = form, queue: str = "default") -> list[str]:
    return [one.job_id for one in queues.submit_many([models.Call(func, (n,), queue=queue) for n in range(count)])]


def rqs(store: Any, name: str = "default") -> rq.Queue:
    return rq.Queue(name, connection=store, serializer=JSONSerializer)


def fetched(store: Any, job_id: str) -> rq.job.Job:
    return rq.job.Job.fetch(job_id, connection=store, serializer=JSONSerializer)


def usage(kind: str = "form") -> tuple[int, int]:
    """Runs and waiting jobs of a kind, as `limit list` tells them."""
    return next((one.running, one.blocked) for one in limits.every(queues.QUEUES) if one.kind == kind)


def snapshot(store: Any) -> dict[bytes, Any]:
    return {key: store.dump(key) for key in store.scan_iter("*")}


# --- places ---------------------------------------------------------------------------------------------------------


def test_no_more_jobs_of_a_kind_run_than_it_has_places_over_all_workers() -> None:
    limits.put("form", 3)
    ids = submitted(6)
    one, other = Worker("w1"), Worker("w2")
    assert one.take(2) == ids[:2] and other.take(5) == ids[2:3] and one.take() == other.take() == []
    assert usage() == (3, 3)


def test_a_kind_that_is_full_holds_up_nobody_behind_it() -> None:
    limits.put("form", 1)
    forms, pages = submitted(3), submitted(3, page)
    low = submitted(1, page, "low")
    assert Worker().take() == [forms[0], *pages, *low]


def test_without_room_for_it_a_job_holds_up_nobody_and_one_thread_is_enough_to_see_that() -> None:
    limits.put("form", 0)
    submitted(30)
    [behind] = submitted(1, page)
    assert Worker().take(threads=1) == [behind]


@pytest.mark.parametrize("outcome", ["finished", "failed", "stopped", "canceled", "retry"])
def test_every_end_of_a_run_frees_its_place_and_the_oldest_that_waits_gets_it(outcome: str) -> None:
    limits.put("form", 2)
    ids, worker = submitted(5), Worker()
    worker.take()
    assert worker.settle(worker.last.taken[0], outcome, ttl=60_000) == "settled"
    assert worker.take() == ids[2:3] and worker.last.more


def test_a_settlement_and_the_start_of_the_next_one_are_one_exchange() -> None:
    limits.put("form", 1)
    ids, worker = submitted(3), Worker()
    worker.take()
    settled = [leases.Settlement(worker.last.taken[0], "finished")]
    done = leases.exchange("w1", settled, leases.LeaseRequest(2, queues.QUEUES, 5))
    assert [job.id for job in done.taken] == ids[1:2] and done.settled == ["settled"]


def test_those_that_wait_go_before_younger_ones_and_high_before_low() -> None:
    limits.put("form", 1)
    worker = Worker()
    low, default = submitted(2, queue="low"), submitted(2)
    order = worker.take()
    high, later = submitted(2, queue="high"), submitted(1)
    while worker.last.taken:
        worker.settle(worker.last.taken[0])
        order += worker.take()
    assert order == [default[0], *high, default[1], *later, *low]


def test_kinds_have_places_of_their_own() -> None:
    limits.put("form", 2)
    limits.put("page", 1)
    forms, pages = submitted(4), submitted(4, page)
    assert Counter(Worker().take()) == Counter([*forms[:2], *pages[:1]])
    assert (usage("form"), usage("page")) == ((2, 2), (1, 3))


def test_a_job_that_came_back_goes_first_and_spends_no_place_while_it_waits() -> None:
    limits.put("form", 2)
    ids, worker = submitted(5), Worker()
    worker.take()
    assert worker.settle(worker.last.taken[1], "again") == "settled"
    assert usage() == (1, 4) and worker.take() == ids[1:2] and usage() == (2, 3)


def test_coroutines_count_too_and_one_that_has_no_place_on_the_loop_is_not_overtaken_by_its_kind() -> None:
    limits.put("form", 2)
    ids, worker = [*submitted(1), *submitted(3, form_on_loop)], Worker()
    [other] = submitted(1, page)
    assert worker.take(5, 5) == [*ids[:2], other] and usage() == (2, 2)
    for job in worker.last.taken[:2]:
        worker.settle(job)
    ids += submitted(1)
    assert worker.take(5, 1) == ids[2:3], "the next one needs the loop, and the last one is younger"
    worker.settle(worker.last.taken[0])
    assert worker.take(5, 1) == ids[3:] and usage() == (2, 0)


def test_the_same_request_sent_again_gives_the_same_jobs_and_no_place_twice() -> None:
    limits.put("form", 2)
    submitted(5)
    worker = Worker()
    assert worker.take() == worker.take(again=True) and worker.last.more and usage() == (2, 3)


def test_a_suspended_system_takes_none_that_waits(store: Any) -> None:
    limits.put("form", 1)
    ids, worker = submitted(2), Worker()
    worker.take()
    worker.settle(worker.last.taken[0])
    rq.suspension.suspend(store)
    assert worker.take() == [] and not worker.last.more and not worker.last.unfinished
    rq.suspension.resume(store)
    assert worker.take() == ids[1:]


# --- nothing drifts -------------------------------------------------------------------------------------------------


def test_a_lease_that_ran_out_frees_its_place_and_its_job_goes_first() -> None:
    with clock.frozen(NOON):
        limits.put("form", 2)
        ids = submitted(5)
        Worker("dead").take()
        clock.advance(LEASE + timedelta(seconds=1))
        assert sorted(rescues.rescue().put_back) == sorted(ids[:2]) and usage() == (0, 5)
        assert sorted(Worker("alive").take()) == sorted(ids[:2])


def test_a_job_that_somebody_saved_with_an_old_record_comes_back_to_its_queue(store: Any) -> None:
    limits.put("form", 1)
    ids, worker = submitted(2), Worker()
    worker.take()
    waiting = fetched(store, ids[1])
    worker.settle(worker.last.taken[0])
    worker.take()
    store.hset(keys.job(ids[1]), "origin", waiting.origin)
    assert rescues.rescue("w1").put_back == ids[1:] and usage() == (0, 1)
    assert Worker("w2").take() == ids[1:] and store.zcard(f"{keys.RQ_STARTED}default") == 1


def test_a_job_whose_kind_a_new_version_changed_waits_with_its_new_kind_and_is_not_forgotten_there(store: Any) -> None:
    limits.put("form", 1)
    limits.put("page", 0)
    [other] = submitted(1, page, "high")
    forms, worker = submitted(2), Worker()
    assert worker.take() == forms[:1]
    limits.announce({f"{HERE}.form": "page"})
    limits.put("form", 5)
    assert worker.take() == [] and (usage("form"), usage("page")) == ((1, 0), (0, 2))
    limits.remove("page")
    assert worker.take(1) == [other] and worker.take(1) == forms[1:]


def test_a_poisoned_job_frees_its_place() -> None:
    limits.put("form", 1)
    ids, dead = submitted(2), Worker("dead")
    for _ in range(rescues.POISON_RESCUES - 1):
        assert dead.take() == ids[:1] and rescues.rescue("dead").put_back == ids[:1]
    assert dead.take() == ids[:1]
    [(lease, queue)] = rescues.rescue("dead").poisoned
    assert Worker("other").settle(leases.find(lease, queue), "failed") == "settled" and Worker("next").take() == ids[1:]


def test_a_run_whose_lease_or_record_is_gone_holds_no_place(store: Any) -> None:
    limits.put("form", 2)
    ids, worker = submitted(4), Worker()
    assert worker.take() == ids[:2]
    one, other = worker.last.taken
    store.zrem(keys.LEASES, one.lease)
    assert worker.take() == ids[2:3]
    store.delete(keys.job(other.id))
    assert worker.settle(other) == "settled" and worker.take() == ids[3:]


def test_what_is_deleted_while_it_waits_is_passed_over(store: Any) -> None:
    limits.put("form", 1)
    ids, worker = submitted(4), Worker()
    worker.take()
    store.delete(keys.job(ids[1]))
    worker.settle(worker.last.taken[0])
    assert worker.take() == ids[2:3]


def test_a_limit_counts_what_runs_already_whoever_wrote_it(store: Any) -> None:
    foreign = rqs(store).enqueue(f"{HERE}.form", 7, description="nobody reads a function from this").id
    ids, worker = submitted(4), Worker()
    assert worker.take(3) == [foreign, *ids[:2]]
    running = worker.last.taken
    limits.put("form", 3)
    assert usage() == (3, 0) and worker.take() == []
    worker.settle(running[0])
    assert worker.take() == ids[2:3] and usage() == (3, 1)


def test_a_limit_that_is_lowered_lets_jobs_end_and_starts_none_until_there_is_room() -> None:
    limits.put("form", 4)
    ids, worker = submitted(8), Worker()
    worker.take()
    running = worker.last.taken
    limits.put("form", 2)
    for ended, expected in zip(running[:3], ([], [], ids[4:5]), strict=True):
        worker.settle(ended)
        assert worker.take() == expected


def test_a_limit_that_is_raised_lets_those_start_that_wait_first() -> None:
    limits.put("form", 0)
    ids, worker = submitted(3), Worker()
    assert worker.take() == [] and not worker.last.more, "nothing that could ever start"
    later = submitted(1)
    limits.put("form", 10)
    assert worker.take() == [*ids, *later]


def test_a_limit_that_is_taken_away_lets_all_start_in_order_and_leaves_no_trace(store: Any) -> None:
    limits.put("form", 1)
    ids, worker = submitted(5), Worker()
    worker.take()
    later = submitted(1)
    limits.remove("form")
    assert worker.take(3) == ids[1:4] and limits.every(queues.QUEUES) == []
    assert worker.take() == [ids[4], *later] and not worker.last.more
    assert not store.exists(keys.LIMITS) and not store.exists(f"{keys.RUNS}form")
    assert store.smembers(keys.RQ_QUEUES) == {keys.queue("default").encode()}


def test_a_limit_that_was_taken_away_and_set_again_counts_all_that_runs() -> None:
    limits.put("form", 1)
    ids, worker = submitted(6), Worker()
    worker.take()
    limits.remove("form")
    assert worker.take(2) == ids[1:3]
    running = worker.last.taken
    limits.put("form", 3)
    assert worker.take() == [] and usage() == (3, 3)
    worker.settle(running[1])
    assert worker.take() == ids[3:4]


def test_taking_away_what_is_no_limit_names_the_remedy() -> None:
    with pytest.raises(NotFound, match="limit list"):
        limits.remove("form")


# --- RQ's tools -----------------------------------------------------------------------------------------------------


def test_what_waits_for_a_place_is_queued_for_rqs_tools(store: Any) -> None:
    limits.put("form", 1)
    ids, worker = submitted(3), Worker()
    worker.take()
    names = {queue.name: queue.count for queue in rq.Queue.all(connection=store, serializer=JSONSerializer)}
    assert names == {"default": 0, "default.form": 2}
    job = fetched(store, ids[2])
    assert job.is_queued and job.origin == "default.form" and job.get_position() == 1
    assert jobs.depths(queues.QUEUES) == {"high": 0, "default": 2, "low": 0}
    worker.settle(worker.last.taken[0])
    worker.take()
    started = fetched(store, ids[1])
    assert started.is_started and started.origin == "default"
    assert rqs(store).started_job_registry.get_job_ids(cleanup=False) == ids[1:2]


@pytest.mark.parametrize("how", ["ours", "rq", "deleted"])
def test_a_job_that_waits_for_a_place_is_cancelled_at_once(how: str, store: Any) -> None:
    limits.put("form", 1)
    ids, worker = submitted(3), Worker()
    worker.take()
    if how == "ours":
        assert queues.cancel(ids[1]) == "queued"
        assert fetched(store, ids[1]).is_canceled and fetched(store, ids[1]).origin == "default"
        assert CanceledJobRegistry("default", connection=store).get_job_ids(cleanup=False) == [ids[1]]
    else:
        job = fetched(store, ids[1])
        job.cancel() if how == "rq" else job.delete()
    assert store.lrange(keys.blocked("default", "form"), 0, -1) == [ids[2].encode()] and usage() == (1, 1)
    worker.settle(worker.last.taken[0])
    assert worker.take() == ids[2:]


def test_rq_empty_takes_away_those_that_wait_by_the_name_rq_shows(store: Any) -> None:
    limits.put("form", 1)
    ids, worker = submitted(3), Worker()
    worker.take()
    assert rqs(store, "default.form").empty() == 2
    worker.settle(worker.last.taken[0])
    assert worker.take() == [] and not worker.last.more and not store.exists(keys.job(ids[2]))


def test_jobs_of_rqs_tools_count_whatever_they_are_called_and_keep_their_order(store: Any) -> None:
    limits.put("form", 2)
    ids = [rqs(store).enqueue(f"{HERE}.form", number, description="a form").id for number in range(4)]
    [ours], worker = submitted(1), Worker()
    assert worker.take(3) == [] and worker.last.unfinished, "their functions are written down first"
    assert worker.take(3) == ids[:2]
    running = worker.last.taken
    while worker.last.unfinished:
        worker.take(3)
    assert usage() == (2, 3) and fetched(store, ids[3]).args == [3]
    for job in running:
        worker.settle(job)
    assert worker.take() == ids[2:]
    worker.settle(worker.last.taken[0])
    assert worker.take() == [ours]


def test_data_that_nobody_can_read_hold_up_nothing(store: Any) -> None:
    limits.put("form", 1)
    broken, *good = submitted(3)
    store.hset(keys.job(broken), "data", b"\x78\x9cnonsense")
    worker = Worker()
    assert worker.take() == [] and worker.last.unfinished
    assert worker.take() == [broken, good[0]]


def test_a_list_that_somebody_broke_stops_its_queue_and_no_other_and_loses_nothing(store: Any) -> None:
    limits.put("form", 1)
    store.set(keys.blocked("default", "form"), "broken")
    ids, worker = submitted(3), Worker()
    low = submitted(2, page, "low")
    assert worker.take() == [ids[0], *low] and store.hexists(keys.QUARANTINE, "queue:default.form")
    assert worker.settle(worker.last.taken[0], "again") == "settled"
    store.delete(keys.blocked("default", "form"))
    assert worker.take() == ids[:1] and usage() == (1, 2)


def test_a_look_says_whether_more_waits_than_what_has_no_place(store: Any) -> None:
    limits.put("form", 1)
    submitted(2)
    worker = Worker()
    worker.take()
    assert worker.last.more and not worker.last.plenty, "only one that waits for a place is left"
    submitted(3, page)
    worker.take(1)
    assert worker.last.more and worker.last.plenty
    worker.take()
    assert worker.last.more and not worker.last.plenty
    worker.take(again=True)
    assert worker.last.more and not worker.last.plenty, "the same when asked again"


def test_a_count_that_somebody_broke_loses_nothing_that_was_taken_before_it(store: Any) -> None:
    limits.put("form", 1)
    [free], [ours] = submitted(1, page), submitted(1)
    store.set(keys.RUNS + "form", "broken")
    worker = Worker()
    with pytest.raises(connection.ResponseError, match="WRONGTYPE"):
        worker.take()
    store.delete(keys.RUNS + "form")
    wanted = leases.LeaseRequest(worker.request, queues.QUEUES, 10)
    assert [job.id for job in leases.exchange(worker.name, [], wanted).taken] == [free], "asked again, the same"
    assert worker.take() == [ours]


def test_a_batch_holds_back_for_what_waits_for_a_place(store: Any) -> None:
    tracked(30)
    limits.put("serp", 0)
    limits.announce(queues.kinds())
    with config.overridden(serp_batch_size=10, serp_max_queue_depth=15):
        assert serp.enqueue_batch()["total"] == 10
        Worker().take()
        assert usage("serp") == (0, 10)
        assert serp.enqueue_batch()["total"] == 5


# --- cost -----------------------------------------------------------------------------------------------------------


def test_a_look_moves_a_thousand_at_most_and_says_that_it_was_not_finished() -> None:
    limits.put("form", 1)
    ids, worker = submitted(2501), Worker()
    [behind] = submitted(1, page)
    seen = [(worker.take(4), worker.last.unfinished, usage()) for _ in range(3)]
    assert seen == [(ids[:1], True, (1, 1000)), ([], True, (1, 2000)), ([behind], False, (1, 2500))]
    worker.settle(leases.find(connection.client().zrange(keys.RUNS + "form", 0, 0)[0].decode(), "default"))
    assert worker.take() == ids[1:2] and not worker.last.unfinished


def test_a_look_that_was_not_finished_takes_nothing_of_a_lower_queue() -> None:
    limits.put("form", 0)
    submitted(1001, queue="high")
    [high], [low], worker = submitted(1, page, "high"), submitted(1, page, "low"), Worker()
    assert worker.take(1) == [] and worker.last.unfinished
    assert worker.take(1) == [high] and worker.take(1) == [low]


@pytest.mark.real_redis
def test_without_limits_a_look_asks_once_and_no_job_costs_a_command_more(store: Any) -> None:
    submitted(100)
    store.config_resetstat()
    assert len(Worker().take(100)) == 100
    calls = {name.removeprefix("cmdstat_"): stats["calls"] for name, stats in store.info("commandstats").items()}
    assert calls["hgetall"] == 100 + 1 and calls["hget"] == 1, "the kind of their function, for the limits of the settings"
    assert not {"zcard", "zinterstore", "rpush"} & set(calls)


@pytest.mark.real_redis
def test_a_look_that_filled_all_threads_reads_nothing_of_the_other_queues(store: Any) -> None:
    limits.put("form", 0)
    limits.put("page", 0)
    worker = Worker()
    for func in (form, page):
        submitted(1, func)
    worker.take()
    limits.put("form", 5)
    limits.put("page", 5)
    submitted(1, queue="low")
    with store.monitor() as monitor:
        assert len(worker.take(1)) == 1
        store.echo("enough")
        seen: list[list[str]] = []
        while not seen or seen[-1][0] != "ECHO":
            seen.append(monitor.next_command()["command"].split())
    read = [command[1:] for command in seen if command[0] == "LRANGE"]
    assert read == [[keys.queue("high"), "0", "0"], [keys.blocked("default", "form"), "0", "0"]]


# --- any history ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_places_hold_order_is_kept_and_no_job_is_lost(seed: int, store: Any) -> None:
    with clock.frozen(NOON):
        History(random.Random(seed), store).play(150)


class History:
    """Random submits, looks, ends, deaths, cancels and changes of limits, and what must hold after each."""

    def __init__(self, dice: random.Random, store: Any) -> None:
        self.dice, self.store = dice, store
        self.workers = [Worker(f"w{number}") for number in range(3)]
        self.held: list[tuple[Worker, leases.Leased]] = []
        self.order: dict[tuple[str, str], list[str]] = {}
        self.live: set[str] = set()
        self.kind: dict[str, str] = {}
        self.limit = self.most = 2  # and so many may run until those before a change have ended
        limits.put("form", 2)

    def play(self, steps: int) -> None:
        acts = [self.submit, self.submit, self.look, self.look, self.look, self.end, self.end, self.die, self.cancel, self.change]
        for _ in range(steps):
            self.dice.choice(acts)()
            self.verify()
        self.limit, self.most = 3, max(3, self.running())
        limits.put("form", 3)
        for _ in range(2000):
            if not self.live:
                break
            self.look()
            self.end()
            self.verify()
        assert not self.live, "something waits for ever"

    def submit(self) -> None:
        func = self.dice.choice([form, form_on_loop, page])
        queue = self.dice.choice(queues.QUEUES)
        for number in range(self.dice.randint(1, 5)):
            if self.dice.random() < 0.2:
                job_id = rqs(self.store, queue).enqueue(f"{HERE}.{func.__name__}", number, description="x").id
            else:
                job_id = queues.submit(func, number, queue=queue).job_id
            self.kind[job_id] = queues.spec_of(func).kind
            self.order.setdefault((queue, self.kind[job_id]), []).append(job_id)
            self.live.add(job_id)

    def look(self) -> None:
        worker = self.dice.choice(self.workers)
        names = self.dice.choice([queues.QUEUES, queues.QUEUES, ("low",), ("default", "high")])
        worker.take(self.dice.randint(1, 4), 0, names)
        for job in worker.last.taken:
            mine = self.order[job.queue, self.kind[job.id]]
            assert mine[0] == job.id, "overtaken by its own kind"
            mine.pop(0)
            self.held.append((worker, job))

    def end(self) -> None:
        if self.held:
            worker, job = self.held.pop(self.dice.randrange(len(self.held)))
            outcome = self.dice.choice(["finished", "failed", "canceled", "again"])
            assert worker.settle(job, outcome, ttl=60) == "settled"
            if outcome == "again":
                self.order[job.queue, self.kind[job.id]].insert(0, job.id)
            else:
                self.live.discard(job.id)

    def die(self) -> None:
        worker = self.dice.choice(self.workers)
        mine = [(owner, job) for owner, job in self.held if owner is worker]
        if len(mine) == 1 and mine[0][1].fields.get(b"deaths") is None:
            [back] = rescues.rescue(worker.name).put_back
            self.order[mine[0][1].queue, self.kind[back]].insert(0, back)
            self.held.remove(mine[0])

    def cancel(self) -> None:
        waiting = [job for ids in self.order.values() for job in ids]
        if waiting:
            chosen = self.dice.choice(waiting)
            assert queues.cancel(chosen) == "queued"
            for ids in self.order.values():
                if chosen in ids:
                    ids.remove(chosen)
            self.live.discard(chosen)

    def change(self) -> None:
        most = self.dice.choice([None, 0, 1, 2, 5])
        if most is not None:
            limits.put("form", most)
        elif "form" in {one.kind for one in limits.every(queues.QUEUES)}:
            limits.remove("form")
        else:
            return
        self.limit = 10**6 if most is None else most
        self.most = max(self.limit, self.running())

    def verify(self) -> None:
        found = Counter(raw.rpartition(b":")[0].decode() for raw in self.store.zrange(keys.LEASES, 0, -1))
        for name in queues.QUEUES:
            for kind in ("", ".form", ".page"):
                found.update(raw.decode() for raw in self.store.lrange(keys.queue(name) + kind, 0, -1))
        assert found == Counter(self.live), "every job is in one place"
        for limit in limits.every(queues.QUEUES):
            assert limit.running == self.running() <= self.most
        self.most = max(self.limit, self.running())

    def running(self) -> int:
        return sum(self.kind[job.id] == "form" for _, job in self.held)


def test_a_kind_that_rests_keeps_no_runs_that_ended(store: Any) -> None:
    limits.announce({"f": "scrape"})
    store.zadd("trawl:leases", {"a:1": 5, "b:1": 6})
    store.zadd("trawl:runs:scrape", {"a:1": 5, "gone:1": 4})
    store.zadd("trawl:runs:serp", {"gone:2": 4})
    limits.forget_ended()
    assert store.zrange("trawl:runs:scrape", 0, -1, withscores=True) == [(b"a:1", 5.0)]
    assert not store.exists("trawl:runs:serp")
