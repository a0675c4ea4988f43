"""What the doctor says of a store beside damage: what does not run, what is not ours, what waits for people."""

from collections.abc import Iterator, Sequence

import queues
import wording
from models import Stop
from scheduling import loop
from state.engine import heartbeats
from state.repair import overdue
from state.store import connection, keys
from topics.upkeep.tallies import EXAMPLES

#: A fail-over is mentioned for a day (s).
RECENT_S = 86400.0

#: No look at the store can show this: a promoted replica holds an earlier state of it, whole and without contradiction.
LOST_TAIL = (
    "Fail-over {ago} ago; {where}. What the primary before it had not passed on is lost: jobs submitted in its last moments may "
    "be missing (submit them again; with dedup keys nothing runs twice), jobs that ended then run again, counters may be behind."
)


def every(repair: bool, queue_names: Sequence[str], reported: list[Stop]) -> Iterator[str]:
    """What is no damage and people may want to know; `repair` removes what only takes room."""
    yield from _of_the_server()
    yield from _of_processes({stop.name for stop in reported})
    yield from _of_other_queues(queue_names)
    yield from _of_what_is_kept(queue_names, repair)


def _of_the_server() -> Iterator[str]:
    if (ago_s := connection.promoted_ago_s()) is not None and ago_s < RECENT_S:
        yield LOST_TAIL.format(where=connection.where(), ago=wording.duration(ago_s))


def _of_processes(reported: set[str]) -> Iterator[str]:
    if "no worker" not in reported and not overdue.living_workers():
        yield "No worker runs: `python manage.py worker` starts one."
    if "no scheduler" not in reported and not heartbeats.last_beat(loop.HEARTBEAT):
        yield "No scheduler runs: `python manage.py scheduler` starts one."


def _of_other_queues(queue_names: Sequence[str]) -> Iterator[str]:
    for name, count in overdue.strange_queues(queue_names).items():
        yield f"The queue {name} is not ours and holds {wording.pluralize(count, 'job')}: no worker of Trawl serves it."
    for name, count in overdue.intermediate(queue_names).items():
        what = f"{name} holds {wording.pluralize(count, 'job')}: a stock RQ worker has them in hand, or died with them."
        yield f"{what} If none runs: {connection.cli()} LMOVE {name} {name.removesuffix(':intermediate')} RIGHT LEFT, for each."
    if unread := sum(_unread(name) for name in queues.QUEUES):
        failed = wording.pluralize(unread, "job")
        says = f"A stock RQ worker failed {failed} because it reads no JSON (DeserializationError)."
        again = connection.rq_command("requeue --all --queue QUEUE")
        yield f"{says} Start it with `-S rq.serializers.JSONSerializer`, then `{again}`."


def _of_what_is_kept(queue_names: Sequence[str], repair: bool) -> Iterator[str]:
    if reasons := overdue.quarantined():
        some = ", ".join(f"{reason} ({count:,})" for reason, count in reasons.most_common(EXAMPLES))
        yield f"In quarantine, and kept: {reasons.total():,}: {some}. `{connection.cli()} HGETALL {keys.QUARANTINE}` shows them."
    if ended := sum(overdue.entries(name, remove=repair) for name in queue_names):
        done = "removed" if repair else "harmless; --fix removes them"
        entries = wording.pluralize(ended, "entry")
        yield f"RQ's registries {'held' if repair else 'hold'} {entries} of jobs that ended long ago: {done}."


def _unread(queue: str) -> int:
    """Jobs of a queue that failed lately because whoever took them could not read their call."""
    count = 0
    for job_id in overdue.latest_failed(queue):
        try:
            [job] = queues.Job.fetch_many([job_id], connection=connection.client())
            result = job.latest_result() if job else None
        except (ValueError, TypeError, KeyError):  # a record that somebody damaged
            continue
        count += bool(result and "DeserializationError" in (result.exc_string or ""))
    return count
