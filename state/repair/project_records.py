"""Projects that take part in batches and should not, and records of theirs that disagree."""

from collections.abc import Iterator, Sequence

import chunks
from state.repair import eligibility
from state.store import connection, keys, scripts
from state.tracking import projects


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
    names = (name.decode(errors="replace") for name, _ in connection.client().hscan_iter(keys.FOLDERS, count=eligibility.CHUNK))
    for chunk in chunks.of(names, eligibility.CHUNK):
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
