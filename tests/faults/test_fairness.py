"""A small project never waits for a big one: real worker processes on a real server, and ticks that are faster than they."""

from collections import Counter
from datetime import timedelta

import pytest

import clock
from state.engine import limits
from state.store import connection
from state.tracking import batches, keywords
from tests.faults import harness
from tests.faults.conftest import scene as scene  # a fixture
from tests.local.real import until
from tests.state import DAY, depth, project, scraped, words

pytestmark = pytest.mark.real_redis

LOOK = batches.Work("tests.faults.work.look_at", 60)


def tick(size: int = 500) -> int:
    return batches.take(size, LOOK, max_depth=5000).total


def ticks() -> None:
    """Ticks until nothing is due."""
    while tick():
        pass


def due(name: str, count: int, *, again: bool = False, weight: float = 1.0) -> None:
    """A project with keywords that are due for the first time, or again."""
    ids = words(project(name, weight=weight).id, count)
    if again:
        for word in ids:
            with clock.frozen(connection.now() - timedelta(hours=1)):
                scraped(word, DAY)


def worked_off(scene: harness.Env, processes: int, threads: int, *options: str) -> list[str]:
    """Projects of all that waits, in the order in which it was done."""
    waiting = depth()
    scene.worker(processes, threads, *options)
    until(lambda: scene.ledger.count("look") == waiting)
    order = [line.job for line in scene.ledger.lines("look")]
    return [word.project_id for word in keywords.find_many(order) if word]


def last(order: list[str], name: str) -> int:
    """The place of a project's last one."""
    return len(order) - order[::-1].index(name)


@pytest.mark.parametrize(("processes", "threads"), [(1, 1), (2, 4), (1, 25)])
def test_five_re_scrapes_beside_1200_new_keywords_are_done_within_the_first_tenth(
    scene: harness.Env, processes: int, threads: int
) -> None:
    due("big", 1200)
    due("small", 5, again=True)
    ticks()
    order = worked_off(scene, processes, threads)
    assert Counter(order) == {"big": 1200, "small": 5}
    assert last(order, "small") <= 120


def test_in_one_queue_who_comes_after_a_big_one_is_served_in_turn_with_it(scene: harness.Env) -> None:
    due("big", 800)
    ticks()
    due("small", 5)
    due("triple", 90, weight=3)
    ticks()
    order = worked_off(scene, 2, 4)
    assert last(order, "small") <= 5 * 5 + 25
    first = Counter(order[: 4 * 20 + 5])
    assert abs(first["triple"] - 3 * first["big"]) <= 12, "weights are seen in execution"


def test_the_same_with_a_limit_on_their_kind(scene: harness.Env) -> None:
    limits.put("look", 3)
    due("big", 400)
    due("daily", 5, again=True)
    ticks()
    worker = scene.worker(1, 8)
    until(lambda: scene.ledger.count("look") >= 20)
    due("small", 5)
    began = scene.ledger.count("look")
    ticks()
    until(lambda: scene.ledger.count("look") == 410)
    worker.close()
    order = [word.project_id for word in keywords.find_many([line.job for line in scene.ledger.lines("look")]) if word]
    assert last(order, "daily") <= 60
    assert last(order, "small") <= scene.ledger.count("look") and last(order[began:], "small") <= 120


def test_a_strict_worker_does_all_of_high_first(scene: harness.Env) -> None:
    due("big", 100)
    due("small", 5, again=True)
    ticks()
    order = worked_off(scene, 1, 1, "--strict")
    assert order == ["big"] * 100 + ["small"] * 5


def test_jobs_of_a_worker_that_is_killed_come_back_and_the_small_one_still_does_not_wait(scene: harness.Env) -> None:
    due("big", 600)
    ticks()
    first = scene.worker(1, 8)
    until(lambda: scene.ledger.count("look") >= 30)
    first.send(9)
    due("small", 5)
    ticks()
    before = scene.ledger.count("look")
    scene.worker(1, 8)
    until(lambda: len({line.job for line in scene.ledger.lines("look")}) == 605)
    order = [word.project_id for word in keywords.find_many([line.job for line in scene.ledger.lines("look")]) if word]
    assert last(order[before:], "small") <= 60
