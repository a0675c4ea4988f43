"""Shares of a batch: max-min fair by weight, whatever the projects hold, come and go."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

import clock
from state.engine import dedup
from state.store import connection, keys, scripts
from state.tracking import batches, keywords, projects
from tests.state import (
    DAY,
    NOON,
    WORK,
    audit,
    due_in,
    end,
    job_of,
    keyword_of,
    pop,
    project,
    queued,
    scraped,
    tick,
    tracked,
    words,
    work_off,
)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def flood(project_id: str, count: int) -> None:
    """Very many due keywords, written past the scripts: only their due times matter until they are taken."""
    redis = connection.client()
    for start in range(0, count, 20_000):
        redis.zadd(keys.due(project_id), {f"{project_id}x{number}": 0 for number in range(start, min(start + 20_000, count))})
    words(project_id, 1)  # through the script, which puts the project into the table of waiting ones


def shares() -> Counter[str]:
    """Queued keywords by project, for keywords written by `flood` and those of `words`."""
    known = keywords.find_many(queued())
    return Counter(word.project_id if word else name.partition("x")[0] for name, word in zip(queued(), known, strict=True))


@pytest.mark.real_redis  # the in-memory one takes long for so much
def test_a_project_with_100_000_due_keywords_does_not_delay_nine_with_five() -> None:
    project("huge")
    flood("huge", 100_000)
    small = [project(f"small{number}").id for number in range(9)]
    for name in small:
        words(name, 5)
    tick(50)
    assert shares() == {"huge": 5, **dict.fromkeys(small, 5)}, "equal turns for all"
    tick(500)
    assert shares() == {"huge": 505, **dict.fromkeys(small, 5)}, "what the small ones do not use is given on"
    for name in small:
        words(name, 3, start=5)
    tick(100)
    assert all(shares()[name] == 8 for name in small), "those that come back are not behind the huge one's backlog"


def test_the_huge_projects_share_over_several_ticks_is_what_the_others_leave() -> None:
    project("huge")
    flood("huge", 5_000)
    small = [project(f"small{number}").id for number in range(9)]
    for name in small:
        words(name, 5)
    for _ in range(3):
        tick(100)
    assert shares() == {"huge": 300 - 45, **dict.fromkeys(small, 5)}
    audit(small)


def test_weights_hold_within_one_keyword_at_every_moment() -> None:
    weights = {"double": 2.0, "single": 1.0, "half": 0.5}
    for name, weight in weights.items():
        words(project(name, weight=weight).id, 300)
    for number in range(1, 41):
        tick(7)
        for name, weight in weights.items():
            assert abs(shares()[name] - 7 * number * weight / 3.5) <= 1.0 + 1e-9, (number, name)
    audit(weights)


def test_unused_share_is_given_on_by_weight() -> None:
    words(project("a", weight=2).id, 100)
    words(project("b", weight=1).id, 100)
    words(project("tiny", weight=10).id, 6)
    tick(66)
    assert shares() == {"a": 40, "b": 20, "tiny": 6}


@pytest.mark.real_redis  # the in-memory one takes long for so much
def test_the_rotation_goes_on_where_the_last_tick_stopped() -> None:
    redis = connection.client()
    with redis.pipeline(transaction=False) as pipe:
        for number in range(10_000):
            name = f"p{number:05}"
            pipe.hset(keys.project(name), mapping={"domain": "example.com", "folder": name, "active": 1, "weight": 1})
            pipe.zadd(keys.due(name), {f"{name}xa": 0, f"{name}xb": 0})
            pipe.zadd(keys.WAITING, {name: 0})
        pipe.execute()
    for _ in range(20):
        assert tick(500).projects == 500
    names = Counter(name.partition("x")[0] for name in queued())
    assert len(names) == 10_000 and set(names.values()) == {1}, "after 20 ticks each was served exactly once"


def test_a_project_that_trickles_cannot_outrun_its_weight() -> None:
    words(project("steady").id, 400)
    project("trickle", weight=0.05)
    for number in range(40):
        words("trickle", 1, start=number)  # always exactly one due: it enters the ring anew each time
        tick(5)
    assert abs(shares()["trickle"] - 200 * 0.05 / 1.05) <= 1
    audit(("steady", "trickle"))


def test_a_project_cannot_gain_by_being_deactivated_and_activated() -> None:
    words(project("steady").id, 400)
    words(project("toggled", weight=0.05).id, 400)
    for _ in range(40):
        projects.set_active("toggled", False)
        projects.set_active("toggled", True)
        tick(5)
    assert abs(shares()["toggled"] - 200 * 0.05 / 1.05) <= 1
    audit(("steady", "toggled"))


def test_a_project_that_was_away_does_not_catch_up() -> None:
    words(project("steady").id, 300)
    words(project("away").id, 300)
    projects.set_active("away", False)
    tick(100)
    projects.set_active("away", True)
    tick(100)
    assert shares()["away"] in (50, 51)


def test_projects_come_go_and_are_removed_in_the_middle_of_the_rotation() -> None:
    names = [project(f"n{number}").id for number in range(6)]
    for name in names:
        words(name, 10)
    tick(9)
    projects.set_active("n0", False)
    keywords.remove("n1", list(keywords.ids_of("n1")))
    projects.forget("n1")
    before = shares()
    tick(20)
    assert shares()["n0"] == before["n0"], "inactive"
    assert dedup.count() == len(queued()), "the removed one's jobs still wait; they will find nothing"
    projects.set_active("n0", True)
    words(project("late").id, 4)
    while tick(20).total:
        audit([*names, "late"])
    assert shares()["late"] == 4 and all(shares()[name] == 10 for name in names if name != "n1")


def test_the_earliest_due_keyword_of_a_project_comes_first() -> None:
    late, new, early = tracked(3)
    scraped(late, DAY + timedelta(hours=1))
    scraped(early, DAY + timedelta(hours=3))
    tick(1), tick(1), tick(1)
    assert queued("high", "default") == [new, early, late]
    assert queued("default") == [early, late]


def test_a_batch_says_how_many_went_where() -> None:
    first, *_ = tracked(3)
    scraped(first)
    assert tick() == batches.Batch(high=2, default=1, projects=1)
    assert tick() == batches.Batch()


def test_a_batch_of_one_wanted_keyword_takes_one() -> None:
    tracked(3)
    assert tick(1).total == 1 and len(queued()) == 1
    audit()


@pytest.mark.parametrize(("waiting", "room"), [(0, 10), (4, 6), (10, 0), (15, 0)])
def test_deep_queues_hold_a_batch_back(waiting: int, room: int) -> None:
    tracked(40)
    tick(waiting)
    batch = tick(500, max_depth=10)
    assert (batch.total, batch.held_back) == (room, True)
    audit()


def test_an_allowance_is_shared_and_forgotten() -> None:
    tracked(50)
    allowance = batches.TickAllowance(7, 20, 120)
    assert [tick(15, allowance=allowance).total, tick(15, allowance=allowance).total, tick(15, allowance=allowance).total] == [
        15,
        5,
        0,
    ]
    assert 0 < connection.client().ttl(keys.batch_slot(7)) <= 120
    assert tick(15, allowance=batches.TickAllowance(8, 20, 120)).total == 15


def test_the_job_of_a_keyword_that_is_still_worked_on_is_not_taken_over() -> None:
    [word] = tracked()
    tick()
    clock.advance(timedelta(seconds=batches.HOLD_S))
    assert tick().total == 0 and due_in("p")[word] == clock.now().timestamp() + batches.HOLD_S
    connection.client().delete(keys.job(job_of(word)))
    clock.advance(timedelta(seconds=batches.HOLD_S))
    assert tick().total == 1, "its job is gone: the claim is taken over"


def test_a_lost_claim_comes_back_after_its_hold_whatever_else_is_due() -> None:
    words(project("p").id, 4)
    tick(1)
    [word] = {keyword_of(job) for job in pop()}
    connection.client().delete(keys.job(job_of(word)))
    assert keywords.next_due(word) is None, "it is being processed, as far as anybody knows"
    clock.advance(timedelta(seconds=batches.HOLD_S - 1))
    tick(1)
    assert word not in {keyword_of(job) for job in pop()}
    clock.advance(timedelta(seconds=1))
    tick(1)
    assert [keyword_of(job) for job in pop()] == [word], "not behind the others that are due"
    audit()


def test_a_project_whose_keywords_are_all_held_is_looked_at_when_the_first_hold_runs_out() -> None:
    [word] = tracked()
    tick()
    tick()
    assert connection.client().zscore(keys.WAITING, "p") == (NOON + timedelta(seconds=batches.HOLD_S)).timestamp()
    words("p", 1, start=1)
    assert tick().total == 1 and queued().count(word) == 1


def test_a_hold_runs_out_in_its_time_though_the_next_keyword_is_due_later() -> None:
    held, later = tracked(2)
    scraped(later, timedelta(hours=12))
    tick()
    pop()
    connection.client().delete(keys.job(job_of(held)))
    tick()
    clock.advance(timedelta(seconds=batches.HOLD_S))
    tick()
    assert queued() == [held]


def test_a_project_without_due_keywords_costs_nothing_until_its_time_comes() -> None:
    [word] = tracked()
    tick()
    work_off()
    tick()
    assert connection.client().zscore(keys.WAITING, "p") == (NOON + DAY).timestamp()
    assert connection.client().zcard(keys.RING) == 0
    clock.advance(DAY)
    assert tick().default == 1 and queued() == [word]


def test_the_cost_of_a_tick_depends_on_the_batch_and_not_on_the_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    project("huge")
    flood("huge", 30_000)
    sent: list[str] = []
    real = batches.scripts.run_together

    def counted(calls: Sequence[scripts.Call]) -> Any:
        sent.extend(name for name, _, _ in calls)
        return real(calls)

    monkeypatch.setattr(batches.scripts, "run_together", counted)
    batches.take(2 * batches.CHUNK + 1, WORK, max_depth=10**6)
    assert sent == ["tracking/take_batch"] * 3


def test_every_keyword_gets_its_turn_over_days_of_many_ticks() -> None:
    names = [project(f"n{number}", weight=1 + number).id for number in range(4)]
    for number, name in enumerate(names):
        words(name, 5 + 10 * number)
    seen: Counter[str] = Counter()
    for _ in range(3):
        for _ in range(10):
            tick(11)
            seen.update(job_id.split("-")[1] for job_id in pop_and_end())
        clock.advance(DAY)
    assert set(seen.values()) == {3} and len(seen) == 80
    audit(names)


def pop_and_end() -> list[str]:
    """Take what waits and end it."""
    done = pop()
    for job_id in done:
        end(job_id)
    return done
