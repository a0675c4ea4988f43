"""What the commands of `scrape` share: their configuration, and waiting for what they submitted."""

import codecs
import json
from pathlib import Path
from typing import IO, Any

import clock
from commands import output
from errors import ArgumentError

#: Seconds between two looks while one waits.
EVERY_S = 0.5

#: A larger list of addresses is none: 100,000 of 500 characters have 50 MB.
MAX_LIST_BYTES = 64 << 20


def config_of(given: str | None) -> dict[str, Any]:
    """A configuration as it was typed: JSON, or @ and the name of a file with JSON. Raises ArgumentError."""
    if not given:
        return {}
    text = given
    if given.startswith("@"):
        try:
            text = Path(given[1:]).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            raise ArgumentError(f"--config {given:.80}: the file cannot be read ({exc}).") from None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ArgumentError(f"--config is no JSON ({str(exc)[:80]}). Write it as '{{\"max_depth\": 3}}', or @FILE.") from None
    if not isinstance(found, dict):
        raise ArgumentError("--config must be a JSON object, like '{\"max_depth\": 3}'.")
    return found


def addresses_in(file: IO[bytes]) -> list[str]:
    """The addresses of a list, one a line; empty lines and those that begin with # are left out. Raises ArgumentError."""
    raw = file.read(MAX_LIST_BYTES + 1)
    if len(raw) > MAX_LIST_BYTES:
        raise ArgumentError(
            f"{file.name:.80} has more than {MAX_LIST_BYTES >> 20} MiB: give a list of addresses, in several files."
        )
    is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = raw.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ArgumentError(f"{file.name:.80} is no text: give a list of addresses, one a line, as UTF-8.")
    lines = (line.strip() for line in text.splitlines())
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise ArgumentError(f"{file.name:.80} names no address: write one a line, e.g. https://example.com/page.")
    return found


def look(id_: str) -> Any:
    """How far a scrape, batch or crawl is. Raises NotFound."""
    from topics.scraping import views

    return views.look(id_)


def until_over(id_: str) -> Any:
    """Wait until it is over, with a bar where somebody looks; returns the last look."""
    with output.progress(f"Scraping {id_[:8]}", 100) as done:
        while not (seen := look(id_)).is_over:
            done(int(seen.percent))
            clock.wait(EVERY_S)
    return seen
