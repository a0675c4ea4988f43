"""What a job tells of its progress, as its record keeps it: bounded, and JSON that every reader takes."""

import json
from collections.abc import Mapping
from typing import Any

from errors import ArgumentError

#: Characters of a message, and of the details as JSON.
MOST_MESSAGE, MOST_DETAILS = 500, 4096


def text(step: int, total: int | None, message: str, details: Mapping[str, Any] | None = None) -> str:
    """The JSON of a job's progress. Raises ArgumentError where the details are no JSON object.

    >>> text(1, 3, "reads", {"file": "a.csv"})
    '{"step": 1, "total": 3, "message": "reads", "details": {"file": "a.csv"}}'
    """
    told: dict[str, Any] = {"step": step, "total": total, "message": message[:MOST_MESSAGE]}
    if details is not None:
        told["details"] = _bounded(details)
    return json.dumps(told, ensure_ascii=False).encode(errors="replace").decode()  # half a surrogate pair cannot be sent


def _bounded(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details, or a note of their size where that is too much for the record of a job."""
    if not isinstance(details, Mapping):
        raise ArgumentError(f"The details of progress() must be a JSON object, not {type(details).__name__}.")
    try:
        plain = dict(details)
        size = len(json.dumps(plain, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as exc:
        raise ArgumentError(f"The details of progress() must be a JSON object: {str(exc)[:200]}.") from None
    return plain if size <= MOST_DETAILS else {"left out": f"{size:,} characters of details: at most {MOST_DETAILS:,} are kept"}
