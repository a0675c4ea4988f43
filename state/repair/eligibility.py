"""Who takes part in batches and should not, and who should and does not: keywords, due times, projects.

As in state/repair/orphans.py each is seen, and with `repair` mended, in one step by a script.
"""

from collections.abc import Iterator, Sequence

import chunks
from state.store import connection, keys, scripts
from state.tracking import keywords, projects

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


def restore_project(project_id: str, repair: bool) -> bool:
    """Whether a project took part in batches although it should not, or the other way; repaired, it does as it should."""
    found = _restore_project(
        project=keys.project(project_id),
        due=keys.due(project_id),
        ring=keys.RING,
        waiting=keys.WAITING,
        repair=int(repair),
        project_id=project_id,
    )
    return found == b"wrong"


def mend_project_records(project_id: str, repair: bool) -> list[str]:
    """Where the list of projects, the weights and the folders disagree with the record of a project: list, weight, folder.

    Repaired, they say what the record says; a project whose folder is another project's gets a folder of its own.
    """
    wrong = _mend_project_records(
        project=keys.project(project_id),
        projects=keys.PROJECTS,
        folders=keys.FOLDERS,
        weights=keys.WEIGHTS,
        repair=int(repair),
        project_id=project_id,
        project_prefix=keys.PROJECT,
    )
    return [what.decode() for what in wrong]


def free_folders(repair: bool) -> Iterator[list[str]]:
    """Object folders that are kept for a project that is gone or has another; repaired, they are free."""
    names = (name.decode(errors="replace") for name, _ in connection.client().hscan_iter(keys.FOLDERS, count=CHUNK))
    for chunk in chunks.of(names, CHUNK):
        found = _free_folders(folders=keys.FOLDERS, repair=int(repair), project_prefix=keys.PROJECT, names=chunk)
        yield [name.decode() for name in found]


def listed_ids() -> list[str]:
    """Every project that the list or the weights name."""
    redis = connection.client()
    return sorted(raw.decode(errors="replace") for raw in {*redis.smembers(keys.PROJECTS), *redis.hkeys(keys.WEIGHTS)})


def project_ids() -> list[str]:
    """Every project there is, and every one that takes part in batches."""
    redis = connection.client()
    taking_part = {raw.decode() for key in (keys.RING, keys.WAITING) for raw in redis.zrange(key, 0, -1)}
    return sorted(taking_part | set(projects.ids()))


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


@scripts.script("repair/restore_project")
def _restore_project(*, project: str, due: str, ring: str, waiting: str, repair: int, project_id: str) -> bytes:
    raise scripts.InLua


@scripts.script("repair/mend_project_records")
def _mend_project_records(
    *, project: str, projects: str, folders: str, weights: str, repair: int, project_id: str, project_prefix: str
) -> list[bytes]:
    raise scripts.InLua


@scripts.script("repair/free_folders")
def _free_folders(*, folders: str, repair: int, project_prefix: str, names: Sequence[str]) -> list[bytes]:
    raise scripts.InLua
