"""Exports and imports as jobs do them: files lie in object storage, for a week.

exports/<day>/<job>/…      what an export wrote
imports/<day>/<token>/…    what came to be imported, with who sent it
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, BinaryIO, cast

import clock
import config
import queues
from clients import storage
from errors import ArgumentError, DataError, NotAllowed
from topics.access import api_keys
from topics.access.roles import Role
from topics.transfer import exporting, files, importing, parcel_writer, parcels, spreadsheets, writing
from topics.transfer.kinds import Scope
from topics.transfer.merging import Merging, Rule

EXPORTS, IMPORTS = "exports", "imports"
JSONL, CSV = "jsonl", "csv"

#: Files stay so long (days); those that are too old go with the next one, so many objects at once.
KEPT_DAYS, REMOVED_AT_ONCE = 7, 1000

#: Bytes that are taken from a request at a time.
BLOCK = 1 << 18

Progress = Callable[[int, int | None], object]


def scope_of(owner: str, projects: Sequence[str] = ()) -> Scope:
    """What an owner's job may export: a key what it sees, an admin's key and a job without an owner everything."""
    only = tuple(projects) or None
    if not owner or api_keys.get(owner).role is Role.ADMIN:
        return Scope(projects=only)
    return Scope(owner, f"key:{owner}", is_admin=False, projects=only)


def export(job_id: str, kinds: Sequence[str], projects: Sequence[str], format_: str, progress: Progress) -> dict[str, Any]:
    """Export what the owner of this job sees into object storage. Safe to repeat: a file that was begun is written anew."""
    store, scope = storage.make(config.settings()), scope_of(queues.current_owner(), projects)
    _remove_old(store, EXPORTS)
    key = f"{EXPORTS}/{clock.now().date().isoformat()}/{job_id}"
    parcels.remove(store, key)
    writer = parcel_writer.Writer(store, key)
    file = cast(BinaryIO, writer)
    if format_ == CSV:
        counts = spreadsheets.zipped(file, scope, exporting.checked(kinds), progress)
    else:
        with files.packing(file) as packed:
            counts = writing.to_stream(packed, scope, exporting.checked(kinds), progress)
    writer.finish()
    return {"format": format_, "file": key, "bytes": writer.size, "counts": counts}


def file_of(result: dict[str, Any]) -> Iterator[bytes] | None:
    """The file that the result of an export names, in parts; None where it is gone."""
    key = result.get("file")
    store = storage.make(config.settings())
    if not isinstance(key, str) or not key.startswith(f"{EXPORTS}/") or parcels.facts(store, key) is None:
        return None
    return parcels.parts(store, key)


def keep(stream: BinaryIO, merging: Merging) -> str:
    """Keep what is to be imported, with the rights of who sent it; returns its key. Raises ArgumentError for no export."""
    store = storage.make(config.settings())
    _remove_old(store, IMPORTS)
    key = f"{IMPORTS}/{clock.now().date().isoformat()}/{secrets.token_hex(16)}"
    block = stream.read(BLOCK)
    if not block:
        raise ArgumentError("The file is empty.")
    importing.check_header(files.first_line(block))
    rights = {"owner": merging.owner, "holder": merging.holder, "is_admin": merging.is_admin}
    writer = parcel_writer.Writer(store, key, by=queues.current_owner(), rights=rights)
    while block:
        writer.write(block)
        block = stream.read(BLOCK)
    writer.finish()
    return key


def import_(key: str, rule: str, is_dry: bool, progress: Callable[[int], object]) -> dict[str, Any]:
    """Import what was kept, with the rights of who sent it; what became of its lines. Safe to repeat."""
    store = storage.make(config.settings())
    told = parcels.facts(store, key) if key.startswith(f"{IMPORTS}/") else None
    if told is None:
        raise DataError(f"The file {key!r:.100} is no longer kept (they are for {KEPT_DAYS} days): send it again.")
    if told["by"] != queues.current_owner():
        raise NotAllowed("Another caller sent this file: send it again.")
    merging = Merging(Rule(rule), is_dry, **told["rights"])
    return importing.run(files.unpacked(parcels.opened(store, key)), merging, progress).facts()


def _remove_old(store: storage.Store, folder: str) -> None:
    before = (clock.now().date() - timedelta(days=KEPT_DAYS)).isoformat()
    parcels.remove_older(store, folder, before, REMOVED_AT_ONCE)
