"""Entries of the schedule disabled and enabled. One that is disabled stays where it can be seen, and never runs.

Who disabled it may say why, and until when: then a scheduler enables it again, and its rule decides about what it missed.
"""

from datetime import datetime
from typing import NamedTuple

import clock
from errors import ArgumentError
from state.engine import keys as own_keys
from state.store import connection, keys, scripts

#: Why an entry is not armed: somebody disabled it, or its row left the table.
HAND, REMOVED = "hand", "removed"

#: Entries that are enabled again in one round.
MOST = 100


class Note(NamedTuple):
    """Why an entry is disabled, by whom, and until when; None = until somebody enables it."""

    reason: str = ""
    actor: str = ""
    until: datetime | None = None


NONE = Note()


def disable(entry: str, why: str, note: Note = NONE) -> bool:
    """Disable an entry; says whether that changed something. A new note replaces the one it has.

    Raises ArgumentError where the end that the note names is past.
    """
    done = _disable(
        entries=keys.RQ_SCHEDULER_JOBS,
        record=keys.schedule(entry),
        returns=own_keys.RETURNS,
        now_ms=clock.script_now_ms(),
        entry=entry,
        why=why,
        reason=note.reason,
        actor=note.actor,
        until_ms="" if note.until is None else round(note.until.timestamp() * 1000),
    )
    if done < 0:
        raise ArgumentError(f"{note.until:%Y-%m-%d %H:%M} UTC is over already: name a later time")
    return bool(done)


@scripts.script("engine/disable")
def _disable(
    *,
    entries: str,
    record: str,
    returns: str,
    now_ms: str,
    entry: str,
    why: str,
    reason: str,
    actor: str,
    until_ms: scripts.Argument,
) -> int:
    raise scripts.InLua


def enable(entry: str, *, only_over: bool = False) -> bool:
    """Enable an entry again; its rule decides about what it missed. Says whether that changed something.

    `only_over`: only where the time has come until which it was disabled.
    """
    return bool(
        _enable(
            entries=keys.RQ_SCHEDULER_JOBS,
            record=keys.schedule(entry),
            returns=own_keys.RETURNS,
            now_ms=clock.script_now_ms(),
            entry=entry,
            only_over="1" if only_over else "",
        )
    )


@scripts.script("engine/enable")
def _enable(*, entries: str, record: str, returns: str, now_ms: str, entry: str, only_over: str) -> int:
    raise scripts.InLua


def over() -> list[str]:
    """Entries whose time has come to be enabled by themselves; one plain command where there is none."""
    client = connection.client()
    if not client.exists(own_keys.RETURNS):
        return []
    now_ms = connection.now().timestamp() * 1000
    return [name.decode() for name in client.zrange(own_keys.RETURNS, "-inf", now_ms, byscore=True, offset=0, num=MOST)]
