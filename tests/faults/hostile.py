"""Jobs whose errors and results break whoever works on them: in a thread, on the loop and in a process of their own."""

import asyncio
import concurrent.futures
import contextlib
import datetime
import enum
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import clock
import errors
import queues
from tests.faults import work


class Mute(Exception):
    """Has no text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class Quits(Exception):
    """Would end whoever reads it."""

    def __str__(self) -> str:
        raise SystemExit(3)


class Liar(Exception):
    """Its attributes break, and it says that it is of another class."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("no class")

    @property
    def retryable(self) -> bool:
        raise RuntimeError("no policy")

    @property
    def retry_after_s(self) -> float:
        raise RuntimeError("no policy")


class Ours(errors.NetworkError):
    """An error of ours with attributes that are none."""

    category = property(lambda self: 1 / 0)  # type: ignore[assignment]
    retryable = "perhaps"  # type: ignore[assignment]
    retry_after_s = float("nan")  # type: ignore[assignment]


class Endless(Exception):
    """Each has another cause."""

    @property
    def __cause__(self) -> BaseException:  # type: ignore[override]
        return Endless()

    @property
    def __context__(self) -> BaseException:  # type: ignore[override]
        return Endless()


class Meta(type):
    """Classes that have no name, and equal none."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise RuntimeError("no name")

    def __eq__(cls, other: object) -> bool:
        raise RuntimeError("incomparable")

    def __hash__(cls) -> int:
        raise RuntimeError("no hash")


class Nameless(Exception, metaclass=Meta):
    """The worst of classes."""


class Text(str):
    """A text with methods of its own."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __getitem__(self, key: Any) -> str:
        raise RuntimeError("no part")

    def __len__(self) -> int:
        raise RuntimeError("no length")


class Says(Exception):
    """Says such a text."""

    def __str__(self) -> str:
        return Text("text")


class Table(dict[str, Any]):
    """A dict that cannot be read."""

    def items(self) -> Any:
        raise RuntimeError("no items")

    keys = values = __iter__ = items


class Hard(Exception):
    """Its text takes longer than anybody waits."""

    def __str__(self) -> str:
        while True:
            clock.wait(0.01)


class Late:
    """Raises when it is let go."""

    def __del__(self) -> None:
        raise RuntimeError("too late")


class Colour(enum.StrEnum):
    """A text that JSON would change."""

    RED = "red"


def _deep(levels: int) -> None:
    if levels:
        _deep(levels - 1)
    raise ValueError("deep")


def _chained(count: int) -> BaseException:
    error: BaseException = ValueError("first")
    for number in range(count):
        following = ValueError(number)
        following.__cause__ = error
        error = following
    return error


def _with_notes() -> BaseException:
    error = ValueError("noted")
    for _ in range(20_000):
        error.add_note("n" * 1000)
    return error


def _circle() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


def _laughs() -> list[Any]:
    made: list[Any] = ["ha"]
    for _ in range(60):
        made = [made, made]
    return made


async def _later() -> int:
    return 1


def _lines() -> Iterator[int]:
    yield 1


async def _async_lines() -> Any:
    yield 1


def _future() -> Any:
    loop = asyncio.new_event_loop()
    try:
        return loop.create_future()
    finally:
        loop.close()


RAISED: dict[str, Callable[[], BaseException]] = {
    "a text that ends nowhere": lambda: ValueError("a." * 50_000),
    "a text of 20 MB": lambda: ValueError("a:" * 10_000_000),
    "a text of addresses": lambda: ValueError("://a:" * 100_000),
    "a text of tokens": lambda: ValueError("token=" * 100_000),
    "no text": Mute,
    "a text that ends the process": Quits,
    "attributes that break": Liar,
    "a policy that is none": Ours,
    "endless causes": Endless,
    "no name": Nameless,
    "a text with methods": Says,
    "half a surrogate pair": lambda: ValueError("\ud800 \udfff"),
    "a thousand causes": lambda: _chained(1000),
    "a group of thousands": lambda: ExceptionGroup("many", [ValueError("x" * 1000) for _ in range(5000)]),
    "many notes": _with_notes,
    "a key of 5 MB": lambda: KeyError("k" * 5_000_000),
}

RETURNED: dict[str, Callable[[], Any]] = {
    "a set": lambda: {1},
    "a tuple": lambda: {"a": [(1, 2)]},
    "a key that is a number": lambda: {1: 2},
    "no number": lambda: [float("nan")],
    "bytes": lambda: b"x",
    "a date": lambda: datetime.date(2026, 1, 1),
    "an enum": lambda: Colour.RED,
    "a dict that cannot be read": lambda: Table(a=1),
    "a text with methods": lambda: Text("text"),
    "an object of no name": lambda: Meta("Evil", (), {})(),
    "half a surrogate pair": lambda: "\ud800",
    "a huge number": lambda: 10**10_000,
    "itself": _circle,
    "more and more": _laughs,
    "2 MB": lambda: "x" * 2_000_000,
    "a million numbers": lambda: list(range(1_000_000)),
    "a generator": _lines,
    "an asynchronous generator": _async_lines,
    "a future": concurrent.futures.Future,
    "a future of a loop": _future,
    "a map": lambda: map(str, [1]),
    "an endless iterator": itertools.count,
    "a context": lambda: contextlib.nullcontext(),
    "an object that breaks when it goes": Late,
}


def act(how: str) -> Any:
    """Raise or return what that name stands for."""
    work.note("start", *work.me())
    if how.startswith("raise "):
        raise RAISED[how.removeprefix("raise ")]()
    return RETURNED[how.removeprefix("return ")]()


@queues.job(retries=0)
def misbehave(how: str) -> Any:
    """In a thread."""
    return act(how)


@queues.job(retries=0)
async def misbehave_on_loop(how: str) -> Any:
    """On the loop."""
    return act(how)


@queues.job(retries=0, isolated=True)
def misbehave_apart(how: str) -> Any:
    """In a process of its own."""
    return act(how)


@queues.job(retries=0, timeout_s=2)
def speak_for_ever() -> None:
    """Raise an error whose text is never had."""
    work.note("start", *work.me())
    raise Hard()


@queues.job(retries=0)
def swell(kilobytes: int) -> str:
    """Return so much."""
    work.note("start", *work.me())
    return "x" * (kilobytes << 10)


EVERY = [f"raise {name}" for name in RAISED] + [f"return {name}" for name in RETURNED]
