"""The Lua scripts: one file a verb, declared in Python with the names of its arguments, loaded once and sent by its hash.

    @scripts.script("tracking/archive")
    def _archive(*, keyword: str, due: str, keyword_id: str) -> int:
        raise scripts.InLua

stands for `state/tracking/lua/archive.lua`, whose header names the same arguments in the same order, each with its meaning:

    -- Lets a keyword rest.
    -- Uses store/clock, tracking/due
    -- KEYS
    --   keyword     the keyword's hash
    --   due         due times of its project
    -- ARGV
    --   keyword_id
    -- Returns 1 where that changed anything.

Header and signature are compared when the module is imported. In the script the names are locals. A last name with `...` takes
all that is left: a sequence in Python, and in Lua `<name>_at`, the index of the first. `Uses` puts the parts it names before the
script, each once (`state/<room>/lua/parts/<part>.lua`). Every script is safe to send twice: redis-py sends again when a reply is
late.
"""

import hashlib
import inspect
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

from redis.exceptions import NoScriptError, ResponseError

from state.store import connection, transport

STATE = Path(__file__).resolve().parent.parent

Argument = str | bytes | int | float

P = ParamSpec("P")
R = TypeVar("R")

NAME = re.compile(r"--   ([a-z_]+)(\.\.\.)?(?:\s|$)")


#: One run of a script: its name, its keys, its arguments.
Call = tuple[str, Sequence[str], Sequence[Argument]]


class InLua(NotImplementedError):
    """Raised by the body of a declaration, which never runs: the work is done in the script of its name."""


class Header(NamedTuple):
    """The names that a script gives its keys and its arguments; a last one that ends in `...` takes the rest."""

    keys: tuple[str, ...]
    args: tuple[str, ...]

    def plain(self) -> tuple[str, ...]:
        """All of them, as a signature has them."""
        return tuple(name.removesuffix("...") for name in self.keys + self.args)


class Script(Generic[P, R]):
    """A script that was declared: called, it runs; `call` gives what `run_together` takes."""

    def __init__(self, name: str, signature: inspect.Signature) -> None:
        self.name, self.header = name, header_of(text_of(name))
        declared = tuple(signature.parameters)
        if declared != self.header.plain():
            raise TypeError(f"{path_of(name)} takes {', '.join(self.header.plain())}; it is declared with {', '.join(declared)}.")

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Call:
        """One run, to be sent together with others."""
        return self.name, _listed(self.header.keys, kwargs), _listed(self.header.args, kwargs)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run it; the reply is as redis-py gives it (bytes, int, list)."""
        reply: R = run_together([self.call(*args, **kwargs)])[0]
        return reply


def script(name: str) -> Callable[[Callable[P, R]], Script[P, R]]:
    """Declare the script `<room>/<verb>` with a signature of keyword-only arguments: keys first, in the order of its header."""

    def declare(func: Callable[P, R]) -> Script[P, R]:
        return Script(name, inspect.signature(func))

    return declare


def header_of(text: str) -> Header:
    """The names in the header of a script."""
    names: dict[str, list[str]] = {"KEYS": [], "ARGV": []}
    section: list[str] | None = None
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        named = NAME.match(line)
        if named and section is not None:
            section.append(named[1] + (named[2] or ""))
        elif not line.startswith("--    "):  # the meaning of the name above goes on
            section = names.get(line.removeprefix("-- "))
    return Header(tuple(names["KEYS"]), tuple(names["ARGV"]))


@cache
def source(name: str) -> str:
    """The text that a server gets: the parts that a script uses, its arguments by name, and the script."""
    if "\n-- KEYS\n" not in text_of(name) and "\n-- ARGV\n" not in text_of(name):
        return _undeclared(name)
    parts: list[str] = []
    _gather(text_of(name), parts)
    header = header_of(text_of(name))
    named = [*_bound("KEYS", header.keys), *_bound("ARGV", header.args)]
    return "\n".join([*map(_part, parts), *named, text_of(name)])


@cache
def sha(name: str) -> str:
    """The name under which a server knows a script."""
    return hashlib.sha1(source(name).encode(), usedforsecurity=False).hexdigest()


def run(name: str, keys: Sequence[str], args: Sequence[Argument]) -> Any:
    """Run a script that is not declared yet."""
    return run_together([(name, keys, args)])[0]


def run_together(calls: Sequence[Call]) -> list[Any]:
    """Run several scripts in one round trip; a server that has lost them gets them again. Raises the first one's error."""
    replies = run_each(calls)
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
    return replies


def run_each(calls: Sequence[Call]) -> list[Any]:
    """The same; in place of a reply the error of a script that failed."""
    return _sent(calls, [command_of(call) for call in calls])


def run_replicated(call: Call, replicas: int, timeout_ms: int) -> tuple[Any, int]:
    """The same for one script, and in the same round trip wait until so many replicas have what the server knew after it.

    Returns its reply, and how many have it after at most `timeout_ms`: of a script that found its work done before, too.
    """
    replies = _sent([call], [command_of(call), ("WAIT", replicas, timeout_ms)])
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
    return replies[0], int(replies[1])


def command_of(call: Call) -> transport.Command:
    """The command that runs it."""
    name, keys, args = call
    return ("EVALSHA", sha(name), len(keys), *keys, *args)


def load() -> None:
    """Read all of them now: a process that works for weeks must not miss its files when a new release takes their place."""
    for name in names():
        sha(name)


def names() -> list[str]:
    """All scripts there are, as `<room>/<verb>`."""
    return sorted(f"{path.parent.parent.name}/{path.stem}" for path in STATE.glob("*/lua/*.lua") if path.stem != "prelude")


def check() -> list[str]:
    """Scripts the server does not compile, one line each; loads the others."""
    problems = []
    for name in names():
        try:
            connection.client().script_load(source(name))
        except connection.ResponseError as exc:
            problems.append(f"{path_of(name)}: {exc}")
    return problems


def path_of(name: str) -> str:
    """Where a script lies, from the root of the project."""
    room, _, verb = name.partition("/")
    return f"state/{room}/lua/{verb}.lua"


def _sent(calls: Sequence[Call], commands: Sequence[transport.Command]) -> list[Any]:
    """Replies to commands that run these scripts."""
    replies = transport.ask(commands)
    if any(isinstance(reply, NoScriptError) for reply in replies):
        transport.ask([("SCRIPT", "LOAD", source(name)) for name in {call[0] for call in calls}])
        replies = transport.ask(commands)
    return replies


def text_of(name: str) -> str:
    """A script as it lies in its file."""
    room, _, verb = name.partition("/")
    return (STATE / room / "lua" / f"{verb}.lua").read_text()


def _part(name: str) -> str:
    room, _, part = name.partition("/")
    return (STATE / room / "lua" / "parts" / f"{part}.lua").read_text()


def _gather(text: str, parts: list[str]) -> None:
    """Add the parts that a text uses, each behind those that it uses itself."""
    for line in text.splitlines():
        if line.startswith("-- Uses "):
            for name in re.findall(r"[a-z_]+/[a-z_]+", line):
                if name not in parts:
                    _gather(_part(name), parts)
                    parts.append(name)


def _bound(array: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    single = [name for name in names if not name.endswith("...")]
    values = ", ".join(f"{array}[{number}]" for number in range(1, len(single) + 1))
    bound = [f"local {', '.join(single)} = {values}"] if single else []
    return bound + [f"local {name.removesuffix('...')}_at = {len(single) + 1}" for name in names if name.endswith("...")]


def _listed(names: Sequence[str], values: Any) -> list[Any]:
    found: list[Any] = []
    for name in names:
        if name.endswith("..."):
            found += values[name[:-3]]
        else:
            found.append(values[name])
    return found


def _undeclared(name: str) -> str:
    """A script of the older form: `prelude.lua`, the parts of its "Parts:" line, and the text with KEYS[n] and ARGV[n]."""
    text = text_of(name)
    named = re.search(r"^-- Parts: (.+)$", text, re.MULTILINE)
    parts = [next(STATE.glob(f"*/lua/parts/{part}.lua")) for part in (named[1].split(", ") if named else [])]
    return "".join(path.read_text() for path in (STATE / "store" / "lua" / "prelude.lua", *parts)) + text
