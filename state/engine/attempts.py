"""What is kept of the attempts of a job: how each execution ended that failed or logged something, and what it logged.

The last 20 attempts of a job are kept as long as its record. An execution that succeeded at once and logged nothing keeps
nothing: the job's own record says all of it. Traces of errors are not kept twice: RQ's stream of results has them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from state.engine.settlements import Settlement
from state.store import connection, keys, scripts

#: Outcomes after which a job is over.
OVER = frozenset({"finished", "failed", "stopped", "canceled"})

#: How long the attempts are kept of a job that RQ keeps for ever (s).
LONGEST_S = 366 * 86_400


class Kept(NamedTuple):
    """What is known of a job's attempts: records and lines as JSON, the last of RQ's results with their fields."""

    records: list[bytes]
    lines: bytes
    results: list[dict[bytes, bytes]]


def call(ended: Sequence[Settlement]) -> scripts.Call:
    """The script that keeps the notes of these executions, for a caller who settles them in the same round trip."""
    parts: list[scripts.Argument] = []
    for one in ended:
        parts += (one.job.id, one.job.execution, _keep_s(one), one.note)
    return _keep_attempts.call(leases=keys.LEASES, rq=keys.RQ, ended=parts)


def _keep_s(one: Settlement) -> str:
    if one.outcome not in OVER:
        return ""
    return str(one.ttl if one.ttl >= 0 else LONGEST_S)


def lines_call(running: Mapping[str, str]) -> scripts.Call:
    """The script that keeps what running executions have logged: lease → JSON."""
    return _keep_lines.call(leases=keys.LEASES, running=[word for pair in running.items() for word in pair])


def read(job_id: str) -> Kept:
    """Everything that is known of the attempts of a job, in one round trip. Reads only."""
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.lrange(keys.attempts(job_id), 0, -1)
        pipe.get(keys.lines(job_id))
        pipe.xrange(keys.results(job_id))
        records, lines, results = (_plain(answer) for answer in pipe.execute(raise_on_error=False))
    return Kept(records or [], lines or b"", [fields for _, fields in results or [] if fields])


def _plain(answer: Any) -> Any:
    """An answer; None for a key of another type. Raises what means an outage."""
    if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
        raise answer
    return None if isinstance(answer, ResponseError) else answer


@scripts.script("engine/keep_attempts")
def _keep_attempts(*, leases: str, rq: str, ended: Sequence[scripts.Argument]) -> int:
    raise scripts.InLua


@scripts.script("engine/keep_lines")
def _keep_lines(*, leases: str, running: Sequence[str]) -> int:
    raise scripts.InLua
