"""Exports and imports of all that a user owns, by files in object storage."""

from collections.abc import Sequence
from typing import Any

import queues
from topics.transfer import work

#: A million keywords take minutes.
LONG_S = 3600


@queues.job(queue="default", kind="transfer", timeout_s=LONG_S, retries=2)
def export(kinds: Sequence[str] = (), projects: Sequence[str] = (), format: str = work.JSONL) -> dict[str, Any]:
    """Export what the owner of the job sees into a file in object storage, which stays a week. Safe to repeat."""
    return work.export(queues.current_job_id() or "direct", kinds, projects, format, queues.progress)


@queues.job(queue="default", kind="transfer", timeout_s=LONG_S, retries=2)
def import_file(key: str, on_conflict: str = "keep", dry_run: bool = False) -> dict[str, Any]:
    """Import a file that lies in object storage, with the rights of who sent it; what became of its lines. Safe to repeat."""
    return work.import_(key, on_conflict, dry_run, queues.progress)
