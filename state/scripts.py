"""Runs the Lua scripts of `lua/`: one file a verb, loaded once, sent by its hash.

Each file begins with a header (purpose · KEYS · ARGV · returns · expires). `prelude.lua` is put before each: it holds what
several scripts share; then the files of `lua/parts/` that a header names ("Parts: …"). Every script is safe to send twice:
redis-py sends again when a reply is late.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from redis.exceptions import NoScriptError, ResponseError

from state import connection, wire

LUA = Path(__file__).parent / "lua"

Argument = str | bytes | int | float

#: Verb, keys and arguments of one script.
Call = tuple[str, Sequence[str], Sequence[Argument]]


@cache
def source(verb: str) -> str:
    """The text of one script, with the prelude and the parts that its header names."""
    text = (LUA / f"{verb}.lua").read_text()
    named = re.search(r"^-- Parts: (.+)$", text, re.MULTILINE)
    parts = [LUA / "parts" / f"{name}.lua" for name in named[1].split(", ")] if named else []
    return "".join(path.read_text() for path in (LUA / "prelude.lua", *parts)) + text


@cache
def sha(verb: str) -> str:
    """The name under which a server knows a script."""
    return hashlib.sha1(source(verb).encode(), usedforsecurity=False).hexdigest()


def run(verb: str, keys: Sequence[str], args: Sequence[Argument]) -> Any:
    """Run `lua/<verb>.lua`; the reply is as redis-py gives it (bytes, int, list)."""
    return run_together([(verb, keys, args)])[0]


def run_together(calls: Sequence[Call]) -> list[Any]:
    """Run several scripts in one round trip; a server that has lost them gets them again. Raises the first one's error."""
    replies = run_each(calls)
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
    return replies


def run_each(calls: Sequence[Call]) -> list[Any]:
    """The same; in place of a reply the error of a script that failed."""
    return _sent(calls, [("EVALSHA", sha(verb), len(keys), *keys, *args) for verb, keys, args in calls])


def run_replicated(call: Call, replicas: int, timeout_ms: int) -> tuple[Any, int]:
    """The same for one script, and in the same round trip wait until so many replicas have what the server knew after it.

    Returns its reply, and how many have it after at most `timeout_ms`: of a script that found its work done before, too.
    """
    verb, keys, args = call
    script = ("EVALSHA", sha(verb), len(keys), *keys, *args)
    replies = _sent([call], [script, ("WAIT", replicas, timeout_ms)])
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
    return replies[0], int(replies[1])


def _sent(calls: Sequence[Call], commands: Sequence[wire.Command]) -> list[Any]:
    """Replies to commands that run these scripts."""
    replies = wire.ask(commands)
    if any(isinstance(reply, NoScriptError) for reply in replies):
        wire.ask([("SCRIPT", "LOAD", source(verb)) for verb in {verb for verb, _, _ in calls}])
        replies = wire.ask(commands)
    return replies


def load() -> None:
    """Read all of them now: a process that works for weeks must not miss its files when a new release takes their place."""
    for verb in verbs():
        sha(verb)


def verbs() -> list[str]:
    """All scripts there are."""
    return sorted(path.stem for path in LUA.glob("*.lua") if path.stem != "prelude")


def check() -> list[str]:
    """Scripts the server does not compile, one line each; loads the others."""
    problems = []
    for verb in verbs():
        try:
            connection.client().script_load(source(verb))
        except connection.ResponseError as exc:
            problems.append(f"state/lua/{verb}.lua: {exc}")
    return problems
