"""The slow commands of a server, as far as it tells them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from state.store import connection, keys, script_text, scripts

#: Characters of a command that are shown.
MOST_SHOWN = 80

#: Entries of the slow log that are read; Redis itself keeps 128.
MOST_SLOW = 128


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


def slow_log() -> Slowlog:
    """The server's slow commands. Of a script of ours its name is told; no arguments are."""
    try:
        found = connection.client().slowlog_get(MOST_SLOW)
    except ResponseError as exc:
        return Slowlog([], f"SLOWLOG: {exc}")
    names = {scripts.sha(name): name for name in script_text.names()}
    return Slowlog([_slow(one, names) for one in found], "")


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
