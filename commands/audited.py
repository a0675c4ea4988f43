"""The line that a command leaves in the audit: which, with what, by whom, on which machine, and how it ended."""

import logging
import os
import platform
from collections.abc import Iterator, Mapping
from typing import Any

import rich_click as click

from commands.options import user_name

log = logging.getLogger("trawl.audit")

#: Parameters that say nothing about what was changed.
UNTOLD = frozenset({"as_json", "yes", "password", "token", "secret", "key_file", "headers", "webhook_url"})

#: Items of a parameter with many that are named.
MOST_ITEMS = 5


def write(outcome: str) -> None:
    """Write the line of the command that runs. What was done stays done where that fails."""
    context = click.get_current_context(silent=True)
    if context is None:
        return
    from topics.access import audit

    words = context.command_path.split(" ", 1)
    try:
        actor = audit.Actor(user_name(), "command", f"{platform.node()} pid {os.getpid()}")
        what = f"manage.py {words[1] if len(words) > 1 else words[0]}"
        audit.write(actor, what, " ".join(_told(context.params)), outcome)
    except Exception as exc:
        log.warning("A change is not in the audit: %s", exc)


def _told(params: Mapping[str, Any]) -> Iterator[str]:
    for name, value in params.items():
        if name in UNTOLD or value in (None, "", (), False):
            continue
        if isinstance(value, list | tuple):
            more = f" and {len(value) - MOST_ITEMS} more" if len(value) > MOST_ITEMS else ""
            yield f"{name}={','.join(map(str, value[:MOST_ITEMS]))}{more}"
        else:
            yield f"{name}={value!s:.200}"
