"""Pauses by hand: what was parked for one starts at once when it ends, and a mad length of time is refused."""

from typing import Any

import pytest

import clock
import queues
from errors import ArgumentError
from state.engine import pauses as engine_pauses
from state.store import keys
from topics.operations import pauses

HOUR_S = 3600


def parked(store: Any, number: int) -> str:
    """A job that is parked for an hour, for a pause of the project."""
    job_id = f"job{number}"
    reason = engine_pauses.parked_for("project:p")
    store.hset(keys.job(job_id), mapping={"status": "scheduled", "origin": queues.DEFAULT, "parked": reason})
    store.expire(keys.job(job_id), HOUR_S)
    store.zadd(f"{keys.RQ}scheduled:{queues.DEFAULT}", {job_id: clock.now().timestamp() + HOUR_S})
    store.hset(keys.PARKED, job_id, reason)
    return job_id


def test_what_was_parked_for_a_pause_waits_in_its_queue_as_soon_as_that_ends(store: Any) -> None:
    engine_pauses.put("project:p", "x", "ada", None)
    ids = [parked(store, number) for number in range(3)]
    assert pauses.resume("project:p").released == 3
    assert sorted(store.lrange(keys.queue(queues.DEFAULT), 0, -1)) == [job_id.encode() for job_id in ids]


@pytest.mark.parametrize("for_s", [1e9, 1e20, 1e300])
def test_a_pause_of_more_than_ten_years_is_refused_in_words(for_s: float) -> None:
    with pytest.raises(ArgumentError, match="ten years at most"):
        pauses.put("queue:low", "x", "ada", for_s=for_s)
