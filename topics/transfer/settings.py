"""Settings of an export, without secrets: those that are not the default. An import compares them, and writes none.

Settings live in `.env` and the environment, where an import has no business: it names what differs, and somebody decides.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field, SecretStr

import config
import logs
from topics.transfer import shapes
from topics.transfer.merging import UNCHANGED, Merging, Outcome, Record, Word, each

#: What may hold a password, and what names this machine.
LEFT_OUT = re.compile(r"redis_.*|fetch_proxy|r2_.*|data_dir|port|web_host|chromium_path|.*_(urls?|key|token|secret|password)")


class Setting(shapes.Line):
    """A setting by its name in lower case."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")
    value: Any


def read() -> Iterator[Record]:
    """Settings that are not the default, by name."""
    now = config.settings()
    for name, field in sorted(config.Settings.model_fields.items()):
        value = getattr(now, name)
        is_told = not LEFT_OUT.fullmatch(name) and not isinstance(value, SecretStr) and value != field.default
        if is_told and logs.without_secrets(str(value)) == str(value):
            yield {"name": name, "value": _plain(value)}


def put(lines: Sequence[Setting], merging: Merging) -> list[Outcome]:
    """Which of these differ here."""
    return each(lines, _compared)


def _compared(line: Setting) -> Outcome:
    if line.name not in config.Settings.model_fields or LEFT_OUT.fullmatch(line.name):
        return Outcome(Word.KEPT, f"{line.name} is no setting of this version")
    here = _plain(getattr(config.settings(), line.name))
    if here == line.value:
        return UNCHANGED
    return Outcome(
        Word.KEPT,
        f"{line.name.upper()} is {here!r:.80} here: to have it as it was, write {line.name.upper()}={line.value} in .env",
    )


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
