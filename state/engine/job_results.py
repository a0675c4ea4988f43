"""What a job returned, as RQ's result stream keeps it for a while."""

import base64
import json
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from state.store import connection, keys

#: RQ's word for the result of a job that succeeded.
SUCCESSFUL = b"1"


class Result(NamedTuple):
    """What a job returned; None where it returned nothing."""

    value: Any


def of(job_id: str) -> Result | None:
    """The result of the last execution; None where that did not succeed, or the result is kept no longer."""
    try:
        found = connection.client().xrevrange(keys.results(job_id), count=1)
    except ResponseError:  # a key of another type
        return None
    if not found or found[0][1].get(b"type") != SUCCESSFUL:
        return None
    packed = found[0][1].get(b"return_value")
    try:
        return Result(json.loads(base64.b64decode(packed)) if packed else None)
    except ValueError:
        return None
