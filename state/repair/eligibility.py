"""Who takes part in batches and should not, and who should and does not: keywords, due times, projects.

As in state/orphans.py each is seen, and with `repair` mended, in one step by a script.
"""

from collections.abc import Iterator, Sequence

from state.store import connection, keys, scripts
from state.tracking import keywords, projects

#: Keywords in one script call: a few milliseconds of the server's time.
CHUNK = 500


def rejoin(keyword_ids: Sequence[str], repair: bool) -> list[str]:
    """Keywords that no batch would ever take, or that rest and are due at once; repaired, they stand where they belong."""
    found: list[str] = []
    for at in range(0, len(keyword_ids), CHUNK):
        args: list[scripts.Argument] = [int(repair), keys.PROJECT, keys.KEYWORD, *keyword_ids[at : at + CHUNK]]
        found += [one.decode() for one in scripts.run("repair/rejoin", [keys.RING, keys.WAITING], args)]
    return found


def forget_due(project_id: str, repair: bool) -> Iterator[list[str]]:
    """Due times and archive entries of a project that belong to no keyword; repaired, they are gone."""
    where = [keys.project(project_id), keys.due(project_id), keys.archived(project_id), keys.RING, keys.WAITING]
    for page in keywords.chunked(keywords.ids_of(project_id, archived=None), CHUNK):
        found = scripts.run("repair/forget_due", where, [int(repair), project_id, keys.KEYWORD, *page])
        yield [one.decode() for one in found]


def rejoin_project(project_id: str, repair: bool) -> bool:
    """Whether a project took part in batches although it should not, or the other way; repaired, it does as it should."""
    where = [keys.project(project_id), keys.due(project_id), keys.RING, keys.WAITING]
    return bool(scripts.run("repair/rejoin_project", where, [int(repair), project_id]))


def relist(project_id: str, repair: bool) -> list[str]:
    """What the list of projects, the weights and the folders say of a project that it does not say itself: list, weight, folder.

    Repaired, they say what the project says; one whose folder is another project's gets a folder of its own.
    """
    where = [keys.project(project_id), keys.PROJECTS, keys.FOLDERS, keys.WEIGHTS]
    return [word.decode() for word in scripts.run("repair/relist_project", where, [int(repair), project_id, keys.PROJECT])]


def forget_folders(repair: bool) -> Iterator[list[str]]:
    """Object folders that are kept for a project that is gone or has another; repaired, they are free."""
    names = (name.decode(errors="replace") for name, _ in connection.client().hscan_iter(keys.FOLDERS, count=CHUNK))
    for page in keywords.chunked(names, CHUNK):
        found = scripts.run("repair/forget_folder", [keys.FOLDERS], [int(repair), keys.PROJECT, *page])
        yield [name.decode() for name in found]


def listed_ids() -> list[str]:
    """Every project that the list or the weights name."""
    redis = connection.client()
    return sorted(raw.decode(errors="replace") for raw in {*redis.smembers(keys.PROJECTS), *redis.hkeys(keys.WEIGHTS)})


def project_ids() -> list[str]:
    """Every project there is, and every one that takes part in batches."""
    redis = connection.client()
    there = {raw.decode() for key in (keys.RING, keys.WAITING) for raw in redis.zrange(key, 0, -1)}
    return sorted(there | set(projects.ids()))
