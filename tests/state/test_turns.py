"""Within a queue projects take turns: who comes to a long queue is served next, by weight, whatever waited there before."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
import rq
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.exceptions import ResponseError
from rq.serializers import JSONSerializer

import clock
import config
import queues
from state.engine import leases, limits
from state.repair import orphans
from state.store import connection, keys
from state.tracking import batches, keywords
from tests.state import DAY, NOON, WORK, audit, keyword_of, project, queued, scraped, tick, tracked, words

_requests = count(1)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def due(project_id: str, count: int, weight: float = 1.0, start: int = 0) -> list[str]:
    """A project, unless it is there, with so many keywords that were never checked."""
    if not connection.client().exists(keys.project(project_id)):
        project(project_id, weight=weight)
    return words(project_id, count, start)


def due_again(project_id: str, count: int) -> list[str]:
    """The same; they were checked a day ago."""
    ids = due(project_id, count)
    for word in ids:
        scraped(word, DAY)
    return ids


def line(*names: str) -> list[str]:
    """Projects of the jobs in these queues (default: high), in the order in which they are served."""
    return [word.project_id if word else "" for word in keywords.find_many(queued(*names or ["high"]))]


def take(count: int, *names: str) -> list[leases.Leased]:
    """So many jobs, leased."""
    return leases.exchange("w", [], leases.LeaseRequest(next(_requests), names or ["high"], count)).taken


def serve(count: int, *names: str) -> list[str]:
    """Run so many jobs; says whose they were."""
    taken = take(count, *names)
    leases.exchange("w", [leases.Settlement(job, "finished", 0) for job in taken], None)
    return [word.project_id if word else "" for word in keywords.find_many([keyword_of(job.id) for job in taken])]


# --- who is served next ---------------------------------------------------------------------------------------------


def test_five_keywords_behind_a_thousand_queued_are_served_in_turn_with_them() -> None:
    due("big", 1000)
    tick(1000)
    due("small", 5)
    tick(500)
    assert line().index("small") <= 1 and [at for at, name in enumerate(line()) if name == "small"][-1] <= 10
    audit(("big", "small"))


@pytest.mark.parametrize("served", [0, 1, 7, 400])
def test_a_project_that_comes_late_is_served_next_however_much_was_served_before(served: int) -> None:
    due("big", 1000)
    tick(800)
    serve(served)
    due("small", 5)
    tick(500)
    assert Counter(serve(11))["small"] == 5, "no later than in turn, and with nothing saved up"


def test_a_project_that_comes_late_has_its_share_and_no_more() -> None:
    due("big", 600)
    tick(300)
    serve(100)
    due("late", 300)
    tick(300)
    ran = serve(200)
    assert all(abs(ran[:number].count("late") - number / 2) <= 1 for number in range(1, 201))


def test_a_weight_of_three_is_three_places_of_four() -> None:
    due("one", 400)
    tick(400)
    due("three", 200, weight=3)
    tick(200)
    ran = serve(240)
    assert all(abs(ran[:number].count("three") - number * 3 / 4) <= 3 for number in range(1, 241))


def test_two_hundred_small_projects_and_a_huge_one_take_turns() -> None:
    due("huge", 2000)
    for _ in range(4):
        tick(500)
    names = [f"s{number}" for number in range(200)]
    for name in names:
        due(name, 2)
    tick(500)
    ran = serve(403)
    assert all(ran.count(name) == 2 for name in names), "done when the huge one had as many turns as each"
    assert ran.count("huge") <= 3


def test_nothing_is_saved_up_by_a_project_that_has_nothing_to_do() -> None:
    due("steady", 600)
    due("away", 1)
    tick(400)
    serve(300)
    due("away", 100, start=1)
    tick(100)
    ran = serve(100)
    assert abs(ran.count("away") - 50) <= 1


def test_when_all_is_served_everybody_begins_anew() -> None:
    due("first", 300)
    tick(300)
    serve(300)
    due("second", 20)
    tick(500)
    due("first", 20, start=300)
    tick(500)
    ran = serve(40)
    assert all(abs(ran[:number].count("first") - number / 2) <= 1 for number in range(1, 41)), "nobody pays for what is over"


def test_the_keywords_of_one_project_keep_their_order() -> None:
    [late, early] = due("a", 2)
    scraped(late, DAY + timedelta(hours=1))
    scraped(early, DAY + timedelta(hours=2))
    due_again("b", 40)
    tick(500)
    mine = [word for word in queued("default") if word in (late, early)]
    assert mine == [early, late]


def test_each_queue_has_turns_of_its_own() -> None:
    due("new", 900)
    tick(500), tick(400)
    serve(600)
    due_again("daily", 300)
    tick(300)
    due_again("late", 10)
    tick(300)
    ran = serve(21, "default")
    assert ran.count("late") == 10, "default did not move while high was served"


def test_a_thousand_projects_with_a_job_each_are_served_in_the_order_they_came() -> None:
    for number in range(300):
        due(f"p{number:03}", 1)
    tick(150), tick(150)
    assert line() == sorted(line())


# --- jobs without a turn --------------------------------------------------------------------------------------------


def test_jobs_of_others_keep_their_place() -> None:
    due("big", 20)
    tick(10)
    redis = connection.client()
    redis.rpush(keys.queue("high"), "foreign-1")
    tick(10)
    redis.rpush(keys.queue("high"), "foreign-2")
    redis.lpush(keys.queue("high"), "foreign-0")
    due("small", 6)
    tick(6)
    order = [raw.decode().partition("-")[0] for raw in redis.lrange(keys.queue("high"), 0, -1)]
    assert [at for at, name in enumerate(order) if name == "foreign"] == [0, 1 + 10 + 6, 1 + 10 + 6 + 1 + 10]
    assert line()[1:13].count("small") >= 5


def test_jobs_that_come_back_stand_in_front_and_hold_no_clock_back() -> None:
    due("big", 1000)
    tick(1000)
    back = take(30)
    serve(500)
    leases.exchange("w", [leases.Settlement(job, "again") for job in back], None)
    due("late", 100)
    tick(100)
    assert Counter(serve(30)) == {"big": 30}, "they were begun before"
    ran = serve(100)
    assert abs(ran.count("late") - 50) <= 1, "the queue's time is that of what is served next, not of what comes back"


def test_a_failed_job_that_is_requeued_at_the_end_does_not_change_the_order() -> None:
    due("big", 500)
    tick(500)
    [failed] = take(1)
    connection.client().hset(keys.job(failed.id), "status", "queued")
    connection.client().rpush(keys.queue("high"), failed.id)
    due("small", 5)
    tick(500)
    assert Counter(serve(12))["small"] == 5


def test_a_job_that_rq_queues_again_at_the_end_does_not_change_the_order() -> None:
    due("big", 500)
    tick(500)
    redis = connection.client()
    job = rq.job.Job.fetch(redis.lindex(keys.queue("high"), 100).decode(), connection=redis, serializer=JSONSerializer)
    job.cancel()
    rq.Queue("high", connection=redis, serializer=JSONSerializer).enqueue_job(job)
    due("small", 5)
    tick(500)
    assert Counter(serve(12))["small"] == 5


def test_a_lost_job_that_the_doctor_puts_in_front_holds_no_clock() -> None:
    due("big", 800)
    tick(800)
    lost = connection.client().rpop(keys.queue("high"))
    assert orphans.requeue_queued([lost.decode()], True) == [lost.decode()]
    due("late", 50)
    tick(50)
    assert abs(serve(81).count("late") - 40) <= 1


def test_more_jobs_without_a_turn_than_are_looked_at_are_passed() -> None:
    due("big", 20)
    tick(20)
    connection.client().lpush(keys.queue("high"), *[f"foreign-{number}" for number in range(2000)])
    due("small", 2)
    tick(2)
    assert [at for at, name in enumerate(line()) if name == "small"][-1] <= 4


def test_a_queue_of_others_only_begins_anew() -> None:
    due("first", 300)
    tick(300)
    serve(300)
    connection.client().rpush(keys.queue("high"), "foreign-1")
    due("second", 20)
    tick(500)
    due("first", 20, start=300)
    tick(500)
    connection.client().lpop(keys.queue("high"))
    assert abs(serve(20).count("first") - 10) <= 1


@pytest.mark.parametrize("value", ["", "nan", "x", "1e999", "-1"])
def test_a_turn_that_is_none_harms_nothing(value: str) -> None:
    due("big", 50)
    tick(50)
    connection.client().hset(keys.job(connection.client().lindex(keys.queue("high"), 20).decode()), "turn", value)
    due("small", 5)
    tick(5)
    assert len(line()) == 55 and Counter(line())["small"] == 5
    audit(("big", "small"))


@pytest.mark.parametrize("broken", ["job", "turns", "queue"])
def test_a_broken_key_ends_the_batch_before_anything_is_written(broken: str) -> None:
    due("big", 5)
    tick(2)
    redis = connection.client()
    job = redis.lindex(keys.queue("high"), 0).decode()
    key = {"job": keys.job(job), "turns": keys.turns("high"), "queue": keys.queue("high")}[broken]
    redis.delete(key)
    redis.set(key, "broken")
    if broken == "job":
        assert tick(3).total == 3, "it has no turn"
        redis.delete(key)
        return
    claimed = redis.zcard(keys.claims("serp"))
    with pytest.raises(ResponseError):
        tick(3)
    assert redis.zcard(keys.claims("serp")) == claimed
    redis.delete(key)


# --- jobs that buy nothing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [1, 2, 0.5])
def test_a_job_that_bought_nothing_costs_its_project_no_turn(weight: float) -> None:
    due("one", 400, weight=weight)
    due("other", 400, weight=weight)
    tick(100)
    bought: Counter[str] = Counter()
    for _ in range(70):
        for job in take(5):
            whose = keywords.get(keyword_of(job.id)).project_id
            if whose == "one" and sum(bought.values()) < 40:  # archived by now
                assert batches.give_back_turn(job.id, whose) and not batches.give_back_turn(job.id, whose)
            else:
                bought[whose] += 1
            leases.exchange("w", [leases.Settlement(job, "finished", 0)], None)
        tick(5)
    assert abs(bought["one"] - bought["other"]) <= 2, "with the batches that came since, it has its share of what was bought"
    audit(("one", "other"))


def test_a_job_without_a_turn_gives_none_back() -> None:
    due("one", 3)
    tick(2)
    before = connection.client().zscore(keys.RING, "one")
    assert not batches.give_back_turn("direct-1", "one")
    assert connection.client().zscore(keys.RING, "one") == before


# --- limits of a kind -----------------------------------------------------------------------------------------------


def test_with_a_limit_those_that_wait_for_a_place_take_turns_too() -> None:
    queues.load_jobs()  # also where no other test has
    limits.announce(queues.kinds())
    limits.put("serp", 4)
    due("big", 300)
    tick(300)
    assert len(take(10)) == 4
    waiting = connection.client().llen(keys.blocked("high", "serp"))
    assert waiting
    due("small", 40)
    tick(40)
    redis = connection.client()
    ids = [raw.decode() for raw in redis.lrange(keys.blocked("high", "serp"), 0, -1)]
    whose = [word.project_id for word in keywords.find_many([keyword_of(job) for job in ids]) if word]
    assert abs(whose[:60].count("small") - 30) <= 1
    for job in ids:
        assert redis.hmget(keys.job(job), "origin", "kind") == [b"high.serp", b"serp"]
    assert len(ids) + redis.llen(keys.queue("high")) == 336


def test_when_the_limit_goes_the_order_stays() -> None:
    queues.load_jobs()  # also where no other test has
    limits.announce(queues.kinds())
    limits.put("serp", 0)
    due("big", 30)
    tick(30)
    take(1)
    due("small", 10)
    tick(10)
    due("big", 10, start=30)
    tick(10)
    limits.remove("serp")
    with config.overridden(serp_concurrency=50):
        ran = serve(50)
    assert len(ran) == 50 and ran[:21].count("small") == 10


# --- the depth ------------------------------------------------------------------------------------------------------


def crowded(depth: int = 100, served: int = 0) -> None:
    due("big", 1000)
    batches.take(500, WORK, max_depth=depth, spare=depth // 5)
    serve(served)


def test_a_full_queue_still_takes_those_who_have_next_to_nothing_in_it() -> None:
    crowded()
    due("small", 5)
    batch = batches.take(500, WORK, max_depth=100, spare=20)
    assert (batch.total, batch.held_back) == (5, True)
    assert serve(11).count("small") == 5


def test_a_project_that_filled_the_queue_gets_none_of_what_is_spared() -> None:
    crowded()
    assert batches.take(500, WORK, max_depth=100, spare=20).total == 0


def test_what_is_spared_is_bounded() -> None:
    crowded()
    for number in range(40):
        due(f"s{number}", 3)
    assert batches.take(500, WORK, max_depth=100, spare=20).total == 20
    assert batches.take(500, WORK, max_depth=100, spare=20).total == 0 and len(line()) == 120
    audit(["big", *(f"s{number}" for number in range(40))])


def test_the_second_big_project_gets_a_part_of_what_is_spared_and_the_third_another() -> None:
    crowded()
    due("second", 500)
    batches.take(500, WORK, max_depth=100, spare=20)
    due("third", 500)
    batches.take(500, WORK, max_depth=100, spare=20)
    assert Counter(line())["second"] <= 11 and Counter(line())["third"] >= 9


def test_those_that_are_passed_over_keep_their_turn() -> None:
    crowded()
    before = connection.client().zscore(keys.RING, "big")
    due("small", 2)
    batches.take(500, WORK, max_depth=100, spare=20)
    assert connection.client().zscore(keys.RING, "big") == before
    audit(("big", "small"))


# --- what it costs and leaves ---------------------------------------------------------------------------------------


def test_turns_are_forgotten_when_nothing_waits_and_have_a_lifetime() -> None:
    due("a", 3)
    tick(3)
    assert 0 < connection.client().ttl(keys.turns("high")) <= batches.TURNS_S
    serve(3)
    due("b", 1)
    tick(1)
    assert set(connection.client().hkeys(keys.turns("high"))) == {b"", b"b"}


@settings(max_examples=40)
@given(
    weights=st.lists(st.sampled_from([0.5, 1, 1, 2, 3, 10]), min_size=2, max_size=5),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("due"), st.integers(0, 4), st.integers(1, 40)),
            st.tuples(st.just("tick"), st.integers(1, 60), st.just(0)),
            st.tuples(st.just("serve"), st.integers(1, 30), st.just(0)),
            st.tuples(st.just("back"), st.integers(1, 5), st.just(0)),
        ),
        min_size=4,
        max_size=40,
    ),
)
def test_projects_with_jobs_in_the_queue_are_served_by_weight_whatever_comes_and_goes(
    weights: list[float], steps: list[tuple[str, int, int]]
) -> None:
    connection.client().flushall()
    seen: Counter[str] = Counter()
    names = [f"p{number}" for number in range(len(weights))]
    by_weight = dict(zip(names, weights, strict=True))
    for name in names:
        project(name, weight=by_weight[name])
    since: dict[tuple[str, str], Counter[str]] = {}  # pairs that both have jobs in the queue: what each was served since

    begun: set[str] = set()  # a job that comes back had its turn when it was taken first

    def look() -> None:
        ids = [raw.decode() for raw in connection.client().lrange(keys.queue("high"), 0, -1)]
        waiting = keywords.find_many([keyword_of(job) for job in ids if job not in begun])
        there = Counter(word.project_id for word in waiting if word)
        for one in names:
            for other in names:
                if one < other and there[one] and there[other]:
                    since.setdefault((one, other), Counter())
                else:
                    since.pop((one, other), None)

    def served(job: leases.Leased) -> None:
        name = keywords.get(keyword_of(job.id)).project_id
        if job.id in begun:
            return
        begun.add(job.id)
        for (one, other), had in since.items():
            had[name] += name in (one, other)
            gap = had[one] / by_weight[one] - had[other] / by_weight[other]
            assert abs(gap) <= 2 / by_weight[one] + 2 / by_weight[other] + 1e-9, (one, other, had)

    for step, number, size in steps:
        if step == "due":
            name = names[number % len(names)]
            words(name, size, seen[name])
            seen[name] += size
        elif step == "tick":
            tick(number)
        elif step == "serve":
            for _ in range(number):
                for job in take(1):
                    served(job)
                    leases.exchange("w", [leases.Settlement(job, "finished", 0)], None)
                look()
        else:
            back = []
            for _ in range(number):
                for job in take(1):
                    back.append(job)
                    served(job)
                look()
            leases.exchange("w", [leases.Settlement(job, "again") for job in reversed(back)], None)
        look()
        audit(names)
    waiting = [raw.decode() for raw in connection.client().lrange(keys.queue("high"), 0, -1)]
    assert len(waiting) == len(set(waiting))


def test_one_project_alone_is_appended() -> None:
    [*ids] = tracked(10)
    tick(4), tick(6)
    assert set(queued("high")) == set(ids)
