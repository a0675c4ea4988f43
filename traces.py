"""An error as text, whatever its class does: bounded before it is read, and linear in what is kept.

The class of an error makes its text. That text may be huge or endless, or its code may fail. So these functions go past the
methods of the class where they can, cut at once, and put a note in place of a part that fails. Call them in the thread that
raised the error: its `__str__` may take any time.
"""

import linecache
import os
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

from errors import JobCancelled, JobTimeout, LeaseLost, PutBack

#: Longest message, line of source and trace (characters).
MESSAGE = 4000
LINE = 300
TRACE = 16_000

#: Frames kept at each end of a trace, errors in a chain of causes, notes of one error, members of a group.
FRAMES = 15
ERRORS = 8
NOTES = 5
MEMBERS = 4

#: A larger source file is not read (bytes).
SOURCE = 4 << 20

CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"

_get_cause: Any = vars(BaseException)["__cause__"].__get__
_get_context: Any = vars(BaseException)["__context__"].__get__
_get_traceback: Any = vars(BaseException)["__traceback__"].__get__
_is_cut_off: Any = vars(BaseException)["__suppress_context__"].__get__
_get_members: Any = vars(BaseExceptionGroup)["exceptions"].__get__
_get_name: Any = vars(type)["__name__"].__get__
_get_module: Any = vars(type)["__module__"].__get__


def plain(text: str, most: int = MESSAGE) -> str:
    """The first characters of a text as a plain str, also where a subclass of str overrides the methods."""
    return str.__getitem__(text, slice(0, most))


def name_of(cls: type) -> str:
    """The name of a class, also where its metaclass says something else."""
    return plain(_get_name(cls), LINE)


def message_of(error: BaseException) -> str:
    """The text of an error; a note where the text cannot be read. Raises only an interruption of this thread."""
    try:
        return plain(str(error))
    except BaseException as exc:  # the first error matters, not this one
        if any(type(exc) is cls for cls in (JobTimeout, JobCancelled, LeaseLost, PutBack)):  # not ==: a metaclass may define that
            raise
        return f"(its text cannot be read: {name_of(type(exc))})"


def of(error: BaseException) -> str:
    """The trace of an error and of its causes, as Python writes it. Only head and tail of a long trace are kept."""
    return shortened("".join("".join(_lines(link, "")) + words for words, link in reversed(_chain(error))), TRACE)


def shortened(text: str, most: int) -> str:
    """Head and tail of a long text. The tail begins with a whole line, or at least a whole word."""
    if len(text) <= most:
        return text
    head, tail = plain(text, most // 3), text[-2 * most // 3 :]
    for mark in ("\n", " "):
        if mark in tail:
            tail = tail.partition(mark)[2]
            break
    else:
        tail = ""
    return f"{without_half_an_address(head)}\n… {len(text) - len(head) - len(tail):,} characters left out …\n{tail}"


def without_half_an_address(head: str) -> str:
    """The head of a text that was cut, without an address that was cut in two. `logs.redact` would miss half a password."""
    address = head.rfind("://")
    return head if address < 0 or any(mark in head[address + 3 :] for mark in " \n\t/") else head[: address + 3]


def let_go(error: BaseException) -> None:
    """Clear the frames of an error. Else objects of the job would live on, and be finalised in any thread."""
    for _, link in _chain(error):
        frame = _get_traceback(link)
        while frame is not None:
            with suppress(RuntimeError):  # this frame still runs: it is our own
                frame.tb_frame.clear()
            frame = frame.tb_next


def _chain(error: BaseException) -> list[tuple[str, BaseException]]:
    """The error and its causes, the last error first. Each has the words that join it to the item before."""
    chain: list[tuple[str, BaseException]] = [("", error)]
    while len(chain) < ERRORS:
        last = chain[-1][1]
        cause = _get_cause(last)
        before = cause if cause is not None else None if _is_cut_off(last) else _get_context(last)
        if before is None or any(before is link for _, link in chain):
            break
        chain.append((CAUSE if cause is not None else CONTEXT, before))
    return chain


def _lines(error: BaseException, indent: str) -> Iterator[str]:
    cls = type(error)
    module = _get_module(cls)
    prefix = f"{plain(module, LINE)}." if type(module) is str and module not in ("builtins", "__main__") else ""
    trace = _get_traceback(error)
    if trace is not None:
        yield f"{indent}Traceback (most recent call last):\n"
        yield from (indent + line for line in _frames(trace))
    message = message_of(error)
    yield f"{indent}{prefix}{name_of(cls)}{': ' if message else ''}{message}\n"
    yield from (f"{indent}{note}\n" for note in _notes(error))
    if issubclass(cls, BaseExceptionGroup) and len(indent) < 8:
        yield from _member_lines(_get_members(error), indent)


def _member_lines(members: tuple[BaseException, ...], indent: str) -> Iterator[str]:
    for member in members[:MEMBERS]:
        yield f"{indent}  ---- one of {len(members):,} in this group ----\n"
        yield from _lines(member, indent + "    ")


def _notes(error: BaseException) -> list[str]:
    with suppress(Exception):  # its class denies access
        notes = object.__getattribute__(error, "__dict__").get("__notes__")
        if type(notes) is list:
            return [plain(note, LINE) for note in notes[:NOTES] if issubclass(type(note), str)]
    return []


def _frames(trace: TracebackType) -> Iterator[str]:
    """The first and the last frames."""
    head: list[tuple[FrameType, int]] = []
    tail: deque[tuple[FrameType, int]] = deque(maxlen=FRAMES)
    count, current = 0, trace
    while current is not None:
        (head if count < FRAMES else tail).append((current.tb_frame, current.tb_lineno or 0))
        count += 1
        current = current.tb_next  # type: ignore[assignment]
    yield from (_frame(*frame) for frame in head)
    if count > 2 * FRAMES:
        yield f"  … {count - 2 * FRAMES:,} frames left out …\n"
    yield from (_frame(*frame) for frame in tail)


def _frame(frame: FrameType, number: int) -> str:
    code = frame.f_code
    name = plain(code.co_filename, LINE)
    heading = f'  File "{name}", line {number}, in {plain(code.co_name, LINE)}\n'
    source = _source(name, number)
    return f"{heading}    {source}\n" if source else heading


def _source(name: str, number: int) -> str:
    """A line of source; '' where it cannot be read."""
    try:
        if name not in linecache.cache:
            found = os.stat(name)
            if not stat.S_ISREG(found.st_mode) or found.st_size > SOURCE:
                return ""
        return plain(linecache.getline(name, number), LINE).strip()
    except (OSError, ValueError):
        return ""
