"""RQ's records as its dashboard shows them: one job, its latest result, the workers. Read only, and nothing is unpickled."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from state.engine import records
from state.store import connection, keys

#: Workers that are read at most.
MOST_WORKERS = 1000

#: Fields of a worker's record.
OF_WORKER = (
    *("queues", "state", "birth", "last_heartbeat", "current_job", "pid", "version", "python_version"),
    *("successful_job_count", "failed_job_count", "total_working_time"),
)


class Outcome(NamedTuple):
    """The latest result of a job as RQ stores it: `value` is base64 of JSON, `error` base64 of packed text; b"" = none."""

    value: bytes = b""
    error: bytes = b""


class Record(NamedTuple):
    """A job: its fields as text, its latest result, and the ids of the jobs it waits for."""

    fields: dict[str, str]
    outcome: Outcome
    depends_on: list[str]


def job(job_id: str) -> Record | None:
    """One job; None where there is no record of that id."""
    [fields] = records.read([job_id])
    if not fields:
        return None
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.xrevrange(keys.results(job_id), count=1)
        pipe.smembers(f"{keys.job(job_id)}:dependencies")
        told, depends_on = _answers(pipe)
    return Record(fields, _outcome(told), sorted(_text(one) for one in depends_on or ()))


def outcomes(job_ids: Sequence[str]) -> list[Outcome]:
    """The latest results of jobs, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            pipe.xrevrange(keys.results(job_id), count=1)
        return [_outcome(told) for told in _answers(pipe)]


def workers() -> dict[str, dict[str, str]]:
    """Workers that live, by name, with their fields. The names of dead ones stay where they are: RQ's own look removes them."""
    client = connection.client()
    try:
        found = sorted(client.smembers(keys.RQ_WORKERS))[:MOST_WORKERS]
    except ResponseError:
        return {}
    with client.pipeline(transaction=False) as pipe:
        for key in found:
            pipe.hmget(key, *OF_WORKER)
        rows = _answers(pipe)
    named = {_text(key).removeprefix(keys.RQ_WORKER): _fields(row) for key, row in zip(found, rows, strict=True)}
    return {name: fields for name, fields in named.items() if "birth" in fields}


def _answers(pipe: Any) -> list[Any]:
    """The answers of a pipeline; None for a key of another type."""
    answers = pipe.execute(raise_on_error=False)
    for answer in answers:
        if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
            raise answer
    return [None if isinstance(answer, ResponseError) else answer for answer in answers]


def _outcome(told: Any) -> Outcome:
    fields = told[0][1] if told and told[0][1] else {}
    return Outcome(fields.get(b"return_value", b""), fields.get(b"exc_string", b""))


def _fields(row: Any) -> dict[str, str]:
    pairs = zip(OF_WORKER, row or [None] * len(OF_WORKER), strict=True)
    return {name: _text(value) for name, value in pairs if value is not None}


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
