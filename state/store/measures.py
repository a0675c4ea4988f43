"""What a server says of its memory and its files. What it does not allow is said, and raises nothing.

Managed servers refuse some of it: SLOWLOG and BGREWRITEAOF are dangerous commands, which our own user need not have.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

import clock
from state.store import connection

#: Seconds between two looks at a rewrite that goes on.
LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in bytes; None where the server does not say. `most` 0: it may use all there is."""

    used: int | None = None
    most: int | None = None
    resident: int | None = None  # what the machine gives to it
    system: int | None = None  # what the machine has
    log: int | None = None  # size of the append-only file; None: it has none


class Rewrite(NamedTuple):
    """What became of a rewrite of the append-only file: "done", "off", "under way", "failed" or "refused". Sizes in bytes."""

    outcome: str
    says: str
    before: int | None = None
    after: int | None = None


def memory() -> Memory:
    """What the server says of its memory now."""
    told = _info("memory") | _info("persistence")
    return Memory(
        _number(told, "used_memory"),
        _number(told, "maxmemory"),
        _number(told, "used_memory_rss"),
        _number(told, "total_system_memory"),
        _number(told, "aof_current_size") if told.get("aof_enabled") else None,
    )


def rewrite_log(patience_s: float) -> Rewrite:
    """Have the server rewrite its append-only file, and wait for that so long. It goes on beside the work, in a copy."""
    told = _info("persistence")
    if told and not told.get("aof_enabled"):
        return Rewrite("off", "Redis keeps no append-only file (appendonly no).")
    before = _number(told, "aof_current_size")
    try:
        connection.client().execute_command("BGREWRITEAOF")
    except ResponseError as exc:
        if "in progress" in str(exc):
            return Rewrite("under way", "Redis was rewriting its append-only file already.", before)
        return Rewrite("refused", f"BGREWRITEAOF: {exc}", before)
    until = clock.monotonic() + patience_s
    while _is_rewriting(told := _info("persistence")):
        if clock.monotonic() >= until:
            return Rewrite("under way", "Redis still rewrites its append-only file.", before)
        clock.wait(LOOK_S)
    if told.get("aof_last_bgrewrite_status", "ok") != "ok":
        return Rewrite("failed", "Redis could not rewrite its append-only file: see its log, and the room on its disk.", before)
    return Rewrite("done", "Redis rewrote its append-only file.", before, _number(told, "aof_current_size"))


def purge() -> str:
    """Have the server give memory back that it freed; why it refuses, "" = it does not."""
    try:
        connection.client().execute_command("MEMORY", "PURGE")
    except ResponseError as exc:
        return f"MEMORY PURGE: {exc}"
    return ""


def _is_rewriting(told: dict[str, Any]) -> bool:
    return bool(told.get("aof_rewrite_in_progress") or told.get("aof_rewrite_scheduled"))


def _info(section: str) -> dict[str, Any]:
    try:
        return dict(connection.client().info(section))
    except ResponseError:
        return {}


def _number(told: dict[str, Any], name: str) -> int | None:
    value = told.get(name)
    return int(value) if isinstance(value, int | float) else None
