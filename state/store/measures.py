"""What a server says of its memory, its files and its slow commands. What it does not allow is said, and raises nothing.

Managed servers refuse some of it: SLOWLOG and BGREWRITEAOF are dangerous commands, which our own user need not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

import clock
from state.store import connection, keys, script_text, scripts

#: Seconds between two looks at a rewrite that goes on, and characters of a command that are shown.
LOOK_S, MOST_SHOWN = 0.5, 80

#: Entries of the slow log that are read; Redis itself keeps 128.
MOST_SLOW = 128


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in bytes; None where the server does not say. `most` 0: it may use all there is."""

    used: int | None = None
    most: int | None = None
    resident: int | None = None  # what the machine gives to it
    system: int | None = None  # what the machine has
    log: int | None = None  # size of the append-only file; None: it has none


class Slow(NamedTuple):
    """A slow command: when it began, its number since the server's start, how long it took, what it was."""

    at: datetime
    number: int
    took_ms: float
    command: str


class Slowlog(NamedTuple):
    """Slow commands, the newest first; `refused`: why they are not told, "" = they are."""

    entries: list[Slow]
    refused: str


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


def slow_log() -> Slowlog:
    """The server's slow commands. Of a script of ours its name is told; no arguments are."""
    try:
        found = connection.client().slowlog_get(MOST_SLOW)
    except ResponseError as exc:
        return Slowlog([], f"SLOWLOG: {exc}")
    names = {scripts.sha(name): name for name in script_text.names()}
    return Slowlog([_slow(one, names) for one in found], "")


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


def _slow(told: dict[str, Any], names: dict[str, str]) -> Slow:
    words = bytes(told.get("command") or b"").split(b" ")
    at = datetime.fromtimestamp(int(told["start_time"]), UTC)
    return Slow(at, int(told["id"]), round(int(told["duration"]) / 1000, 3), _shown(words, names))


def _shown(words: Sequence[bytes], names: dict[str, str]) -> str:
    """The command, and its key where that is one of ours; of a script its name. Other arguments may be anybody's data."""
    text = [word.decode(errors="replace") for word in words[:4]]
    if text[0].upper() in ("EVALSHA", "EVAL", "FCALL") and len(text) > 1:
        name = names.get(text[1], f"{text[1][:8]}…" if text[0].upper() == "EVALSHA" else "of others")
        return f"{text[0].upper()} {name}"[:MOST_SHOWN]
    ours = [word for word in text[1:2] if word.startswith((keys.PREFIX, keys.RQ))]
    return " ".join([text[0].upper(), *ours])[:MOST_SHOWN]
