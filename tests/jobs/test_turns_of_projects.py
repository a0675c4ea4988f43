"""Ticks and checks together: a small project never waits for a big one, in execution as in selection."""

from collections.abc import Iterator

import pytest

import clock
import config
from jobs import serp
from state.store import connection, keys
from state.tracking import keywords
from tests import fakes
from tests.state import NOON, audit, keyword_of, project, queued, scraped, words
from worker import inline


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def worked_off(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run all that waits; says whose keywords were checked, in that order."""
    order: list[str] = []
    real = inline._run
    monkeypatch.setattr(inline, "_run", lambda job, worker: order.append(keyword_of(job.id)) or real(job, worker))
    fakes.use(monkeypatch, fakes.serp(fakes.others(10)))
    inline.run_until_idle()
    return [word.project_id for word in keywords.find_many(order) if word]


@pytest.mark.real_redis  # the in-memory one takes long for so much
def test_re_scrapes_do_not_wait_for_the_new_keywords_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    for word in words(project("small").id, 5):
        scraped(word)
    words(project("big").id, 300)
    serp.enqueue_batch()
    order = worked_off(monkeypatch)
    assert len(order) == 305 and [at for at, name in enumerate(order) if name == "small"][-1] < 30


def test_a_small_project_gets_into_queues_that_a_big_one_filled_and_is_served_next(monkeypatch: pytest.MonkeyPatch) -> None:
    words(project("big").id, 200)
    with config.overridden(serp_max_queue_depth=100):
        serp.enqueue_batch()
        words(project("small").id, 5)
        batch = serp.enqueue_batch()
    assert (batch["total"], batch["outcome"]) == (5, "held_back")
    order = worked_off(monkeypatch)
    assert len(order) == 105 and order[:11].count("small") == 5
    audit(("big", "small"))


def test_keywords_archived_in_the_queue_cost_their_project_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    one = words(project("one").id, 60)
    words(project("other").id, 60)
    with config.overridden(serp_batch_size=40):
        serp.enqueue_batch()
        waiting = set(queued())
        for word in [word for word in one if word in waiting][:10]:
            keywords.set_archived(word, True)
        turn = connection.client().zscore(keys.RING, "one")
        worked_off(monkeypatch)
        assert connection.client().zscore(keys.RING, "one") == turn - 10
        assert serp.enqueue_batch()["total"] == 40
    whose = [word.project_id for word in keywords.find_many(queued()) if word]
    assert whose.count("one") == 25, "ten of its turns come again"
