"""Details of a keyword beside its text: searches a month, tags, the page that is meant to rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import chunks
from errors import NotFound
from state.store import keys, scripts

#: Keywords described in one script call.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Details:
    """What to write: None leaves what is there; -1, () and "" take it away."""

    volume: int | None = None
    tags: tuple[str, ...] | None = None
    target_url: str | None = None

    def __bool__(self) -> bool:
        return self.volume is not None or self.tags is not None or self.target_url is not None


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: how many keywords it changed, and which are not there."""

    changed: int
    missing: tuple[str, ...]


def write_many(project_id: str, details: Mapping[str, Details]) -> Written:
    """Write the details of keywords, by id. Safe to repeat. Raises NotFound for the project."""
    project, changed, missing = keys.project(project_id), 0, list[str]()
    for chunk in chunks.of(details.items(), CHUNK):
        fields = [field for keyword_id, one in chunk for field in (keyword_id, *_fields(one))]
        outcome, count, absent = _describe(project=project, project_id=project_id, keyword_prefix=keys.KEYWORD, details=fields)
        if outcome != b"written":
            raise NotFound(f"No project {project_id}. Add it with `python manage.py project add DOMAIN`.")
        changed += count
        missing.extend(keyword_id.decode() for keyword_id in absent)
    return Written(changed, tuple(missing))


@scripts.script("tracking/describe")
def _describe(*, project: str, project_id: str, keyword_prefix: str, details: Sequence[str]) -> tuple[bytes, int, list[bytes]]:
    raise scripts.InLua


def _fields(one: Details) -> Sequence[str]:
    """Per field: empty = leave it, `=` = take it away, `=…` = what it becomes."""
    return (
        "" if one.volume is None else "=" if one.volume < 0 else f"={one.volume}",
        "" if one.tags is None else "=" + "\n".join(one.tags),
        "" if one.target_url is None else f"={one.target_url}",
    )
