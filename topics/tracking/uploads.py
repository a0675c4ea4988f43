"""Keyword files that came over the network: imported at once, or kept in object storage for a job that imports them."""

import itertools
import re
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import clock
import config
from clients import storage
from errors import ArgumentError, DataError
from topics.tracking import imports

FOLDER = "uploads"

#: A file stays so long: a job that failed can be tried again, and a wrong import can be looked at.
KEPT_DAYS = 7

#: Objects that are too old, removed with each file that is kept.
REMOVED_AT_ONCE = 100

#: Texts that are told as respelled; more are only counted.
RESPELLED = 20

SUFFIXES = (".csv", ".tsv", ".txt")


def keep(body: bytes) -> str:
    """Keep a file; returns its key. What is older than a week goes."""
    store, today = storage.make(config.settings()), clock.now().date()
    key = f"{FOLDER}/{today.isoformat()}/{secrets.token_hex(16)}"
    store.put(key, body, content_type="application/octet-stream")
    before = f"{FOLDER}/{(today - timedelta(days=KEPT_DAYS)).isoformat()}"
    old = itertools.takewhile(lambda one: one < before, store.keys(f"{FOLDER}/"))
    store.delete(list(itertools.islice(old, REMOVED_AT_ONCE)))
    return key


def import_kept(
    key: str, name: str, project_id: str | None, reading: imports.Reading, progress: Callable[[int], object]
) -> dict[str, Any]:
    """Import a file that was kept, as `import_body`. Raises DataError where it is gone."""
    body = storage.make(config.settings()).get(key)
    if body is None:
        raise DataError(f"The file {name!r:.80} is no longer kept (they are for {KEPT_DAYS} days): send it again.")
    return import_body(body, name, project_id, reading, progress)


def import_body(
    body: bytes,
    name: str,
    project_id: str | None,
    reading: imports.Reading,
    progress: Callable[[int], object] = lambda lines: None,
) -> dict[str, Any]:
    """Import the keywords of a file that is not on this disk; what became of its lines, as plain data. Safe to repeat.

    `name` is what its sender calls it: its end says whether it is a list (.txt). Raises as `imports.import_csv`.
    """
    suffix = next((one for one in SUFFIXES if name.lower().endswith(one)), ".csv")
    with tempfile.TemporaryDirectory(prefix="trawl-upload-") as folder:
        path = Path(folder) / f"file{suffix}"
        path.write_bytes(body)
        try:
            done = imports.import_csv(path, project_id, progress, reading)
        except ArgumentError as exc:
            raise ArgumentError(str(exc).replace(str(path), shown(name))) from None
    return facts(done)


def shown(name: str) -> str:
    """The name of a file as it is told: its last part, without what cannot be shown."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(char for char in last if char.isprintable())[:100] or "the file"


def facts(done: imports.Imported) -> dict[str, Any]:
    """What an import did, as plain data of bounded size."""
    found = {name: value for name, value in asdict(done).items() if name not in ("bad", "respelled")}
    return {
        **found,
        "bad": [{"line": number, "reason": reason} for number, reason in done.bad],
        "respelled_count": len(done.respelled),
        "respelled": [{"before": former, "after": text} for former, text in done.respelled[:RESPELLED]],
    }
