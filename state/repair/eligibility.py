"""Keywords that take part in batches and should not, and those that should and do not; due times of no keyword.

As in state/repair/orphans.py each is seen, and with `repair` mended, in one step by a script.
"""

from collections.abc import Iterator, Sequence

import chunks
from state.store import keys, scripts
from state.tracking import keywords

#: Keywords in one script call: a few milliseconds of the server's time.
CHUNK = 500


def restore_keywords(keyword_ids: Sequence[str], repair: bool) -> list[str]:
    """Keywords that no batch would ever take, or that are archived and due at once; repaired, they stand where they belong."""
    found: list[str] = []
    for chunk in chunks.of(keyword_ids, CHUNK):
        wrong = _restore_keywords(
            ring=keys.RING,
            waiting=keys.WAITING,
            repair=int(repair),
            project_prefix=keys.PROJECT,
            keyword_prefix=keys.KEYWORD,
            keyword_ids=chunk,
        )
        found += [keyword_id.decode() for keyword_id in wrong]
    return found


def drop_due_times(project_id: str, repair: bool) -> Iterator[list[str]]:
    """Due times and archive entries of a project that belong to no keyword; repaired, they are gone."""
    for chunk in chunks.of(keywords.ids_of(project_id, archived=None), CHUNK):
        found = _drop_due_times(
            project=keys.project(project_id),
            due=keys.due(project_id),
            archived=keys.archived(project_id),
            ring=keys.RING,
            waiting=keys.WAITING,
            repair=int(repair),
            project_id=project_id,
            keyword_prefix=keys.KEYWORD,
            keyword_ids=chunk,
        )
        yield [keyword_id.decode() for keyword_id in found]


@scripts.script("repair/restore_keywords")
def _restore_keywords(
    *, ring: str, waiting: str, repair: int, project_prefix: str, keyword_prefix: str, keyword_ids: Sequence[str]
) -> list[bytes]:
    raise scripts.InLua


@scripts.script("repair/drop_due_times")
def _drop_due_times(
    *,
    project: str,
    due: str,
    archived: str,
    ring: str,
    waiting: str,
    repair: int,
    project_id: str,
    keyword_prefix: str,
    keyword_ids: Sequence[str],
) -> list[bytes]:
    raise scripts.InLua
