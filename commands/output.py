"""What commands print: tables in a terminal, tab-separated lines in a pipe, JSON on request.

Titles and names come from outside: control characters are shown as `\\x1b`, never sent, and nothing is read as markup.
"""

import dataclasses
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

import rich_click as click

#: What may steer a terminal or turn a line around: C0, DEL, C1, line separators, direction overrides, half characters.
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

NOTHING = "-"

#: For every command that reads.
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def escape(text: str) -> str:
    """`text` as it can be shown on one line: what steers a terminal is written out."""
    return STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def line(text: str) -> None:
    """One line for people."""
    click.echo(escape(text))


def warn(text: str) -> None:
    """One line on standard error."""
    click.echo(escape(text), err=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows under a header; in a pipe one tab-separated line a row, written as they come."""
    if not is_terminal(sys.stdout):
        for row in (columns, *rows) if isinstance(rows, Sequence) else _headed(columns, rows):
            click.echo("\t".join(_cell(value) for value in row))
        return
    from rich import box
    from rich.table import Table

    shown = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    _print_rows(shown, rows)


def fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and what they say, one pair a line."""
    if not is_terminal(sys.stdout):
        for name, value in pairs:
            click.echo(f"{name}\t{_cell(value)}")
        return
    from rich.table import Table

    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column()
    _print_rows(shown, pairs)


def as_json(value: object) -> None:
    """One JSON value; times are ISO 8601."""
    click.echo(_dumps(value, indent=2))


def json_list(values: Iterable[object]) -> None:
    """A JSON list, written as its items come."""
    rest = iter(values)
    first = next(rest, None)  # before anything is written: it may fail
    if first is None:
        click.echo("[]")
        return
    click.echo("[" + _dumps(first), nl=False)
    for value in rest:
        click.echo(",\n" + _dumps(value), nl=False)
    click.echo("]")


def json_line(value: object) -> None:
    """One JSON value on one line, sent at once: for what comes as it happens."""
    click.echo(_dumps(value))


def more(cursor: str) -> None:
    """Say, on standard error, how a list goes on."""
    if cursor:
        warn(f"There are more: --cursor {cursor}")


@contextmanager
def progress(words: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error while the block runs, which tells it how many are done; nothing outside a terminal."""
    if not is_terminal(sys.stderr):
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(words), total=total)
        yield lambda done: bar.update(task, completed=done)


#: What Ctrl-C leaves of an import.
IMPORTED = "what was imported stays: import it again for the rest"


@contextmanager
def interruptible(says: str) -> Iterator[None]:
    """Say what Ctrl-C leaves of work that is done in steps, and what to do then."""
    try:
        yield
    except KeyboardInterrupt:
        warn(f"Interrupted: {says}.")
        raise


def is_terminal(stream: IO[Any]) -> bool:
    """Whether a person reads this stream."""
    return stream.isatty()


def when(moment: datetime | None) -> str:
    """A time for people, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if moment else NOTHING


def _headed(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    rest = iter(rows)
    first = next(rest, None)  # before the header is written: it may fail
    yield columns
    if first is not None:
        yield first
    yield from rest


def _print_rows(shown: Any, rows: Iterable[Sequence[object]]) -> None:
    from rich.console import Console
    from rich.text import Text

    for row in rows:
        shown.add_row(*(Text(_cell(value), overflow="fold") for value in row))  # a Text is never read as markup
    Console(file=sys.stdout, highlight=False).print(shown)


def _cell(value: object) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return when(value)
    return f"{value:g}" if isinstance(value, float) else escape(str(value))


def _dumps(value: object, indent: int | None = None) -> str:
    only_ascii = "utf" not in (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    text = json.dumps(value, ensure_ascii=only_ascii, default=_jsonable, indent=indent)
    # json leaves DEL, C1 and direction overrides as they are: written as \uXXXX they mean the same and steer nothing
    return STEERING.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def _jsonable(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{value!r} has no JSON form here")
