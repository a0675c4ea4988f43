"""The Lua scripts: one file a verb, declared in Python with the names of its arguments, loaded once and sent by its hash.

    @scripts.script("tracking/archive")
    def _archive(*, keyword: str, due: str, keyword_id: str) -> int:
        raise scripts.InLua

declares `state/tracking/lua/archive.lua`. The header of that file names the same arguments in the same order, with their meaning:

    -- Archives a keyword.
    -- Uses store/clock, tracking/due
    -- Constants HELD
    -- KEYS
    --   keyword     the keyword's hash
    --   due         due times of its project
    -- ARGV
    --   keyword_id
    -- Returns 1 where that changed anything.

Header and signature are compared when the module is imported. In the script each name is a local. A last name with `...` takes
all that is left: a sequence in Python, in Lua `<name>_at`, the index of the first. `Uses` puts parts before the script, each once
(`state/<room>/lua/parts/<part>.lua`). An indented `Uses` puts them there: Lua makes every function anew at each call, those of
a block only where the block is run. `Constants` puts values of `state/store/constants.py` in place of their names. Every
script is safe to send twice: redis-py sends a command again when its reply is late.
"""

import hashlib
import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Generic, ParamSpec, TypeVar

from redis.exceptions import NoScriptError, ResponseError

from state.store import connection, script_text, transport

Argument = str | bytes | int | float

P = ParamSpec("P")
R = TypeVar("R")

#: One run of a script: its name, its keys, its arguments.
Call = tuple[str, Sequence[str], Sequence[Argument]]


class InLua(NotImplementedError):
    """Raised by the body of a declaration. The body never runs: the script of that name does the work."""


class Script(Generic[P, R]):
    """A declared script: a call of it runs it, `call` returns what `run_together` takes."""

    def __init__(self, name: str, signature: inspect.Signature) -> None:
        self.name, self.header = name, script_text.header_of(script_text.text_of(name))
        declared = tuple(signature.parameters)
        if declared != self.header.all():
            raise TypeError(
                f"{script_text.path_of(name)} takes {', '.join(self.header.all())}; it is declared with {', '.join(declared)}."
            )
        if any(one.kind is not one.KEYWORD_ONLY for one in signature.parameters.values()):
            raise TypeError(f"{script_text.path_of(name)} must be declared with keyword-only arguments.")
        self._keys, self._args = self.header.keys.getter(), self.header.args.getter()

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Call:
        """One run, to be sent together with others."""
        return self.name, self._keys(kwargs), self._args(kwargs)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run it; the reply is as redis-py gives it (bytes, int, list)."""
        reply: R = run_together([self.call(*args, **kwargs)])[0]
        return reply


def script(name: str) -> Callable[[Callable[P, R]], Script[P, R]]:
    """Declare the script `<room>/<verb>` with a signature of keyword-only arguments: keys first, in the order of its header."""

    def declare(func: Callable[P, R]) -> Script[P, R]:
        return Script(name, inspect.signature(func))

    return declare


@cache
def sha(name: str) -> str:
    """The name under which a server knows a script."""
    return hashlib.sha1(script_text.source(name).encode(), usedforsecurity=False).hexdigest()


def run_together(calls: Sequence[Call]) -> list[Any]:
    """Run several scripts in one round trip; a server that has lost them gets them again. Raises the first one's error."""
    replies = run_each(calls)
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
    return replies


def run_each(calls: Sequence[Call]) -> list[Any]:
    """The same; in place of a reply the error of a script that failed."""
    return _sent(calls, [command_of(call) for call in calls]) if calls else []


def run_replicated(calls: Sequence[Call], replicas: int, timeout_ms: int) -> tuple[list[Any], int]:
    """As run_together; in the same round trip wait until so many replicas have what the server knew after it.

    Returns the replies, and how many have it after at most `timeout_ms`: of scripts that found their work done before, too.
    """
    replies = _sent(calls, [*map(command_of, calls), ("WAIT", replicas, timeout_ms)])
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
    return replies[:-1], int(replies[-1])


def command_of(call: Call) -> transport.Command:
    """The command that runs it."""
    name, keys, args = call
    return ("EVALSHA", sha(name), len(keys), *keys, *args)


def load() -> None:
    """Read all of them now: a process that works for weeks must not miss its files when a new release takes their place."""
    for name in script_text.names():
        sha(name)


def check() -> list[str]:
    """Scripts the server does not compile, one line each; loads the others."""
    problems = []
    for name in script_text.names():
        try:
            connection.client().script_load(script_text.source(name))
        except connection.ResponseError as exc:
            problems.append(f"{script_text.path_of(name)}: {exc}")
    return problems


def _sent(calls: Sequence[Call], commands: Sequence[transport.Command]) -> list[Any]:
    """Replies to commands that run these scripts."""
    replies = transport.ask(commands)
    if any(isinstance(reply, NoScriptError) for reply in replies):
        transport.ask([("SCRIPT", "LOAD", script_text.source(name)) for name in {call[0] for call in calls}])
        replies = transport.ask(commands)
    return replies
