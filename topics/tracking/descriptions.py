"""Tags, volume and target page of keywords as people give them: checked, then stored."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import models
from errors import ArgumentError
from parsing import cells
from state.tracking import details


def checked(tags: Sequence[str] = (), volume: int | None = None, target_url: str | None = None) -> details.Details:
    """What is to be written. None leaves what is there; volume -1 and target_url "" take it away. Raises ArgumentError."""
    found = cells.tags(",".join(tags))
    if tags and not found:
        raise ArgumentError(f"--tag {tags[0]!r} is no tag: give a word")
    url = target_url if not target_url else cells.target_url(target_url)
    if target_url and not url:
        raise ArgumentError(f"--target-url {target_url!r:.80} is no address of a page: give https://… or /path")
    if volume is not None and volume > cells.MAX_VOLUME:
        raise ArgumentError(f"--volume {volume} is more than anybody searches: at most {cells.MAX_VOLUME}")
    return details.Details(volume, found or None, url)


def wanted(given: Mapping[str, Any]) -> details.Details:
    """The same of a mapping with `tag`, `volume` and `target_url`, where null takes away and what is missing stays."""
    volume, url = given.get("volume", 0), given.get("target_url", "-")
    return checked(
        given.get("tag") or (),
        None if "volume" not in given else -1 if volume is None else volume,
        None if "target_url" not in given else url or "",
    )


def change(found: Sequence[models.Keyword], wanted: details.Details, untags: Sequence[str] = ()) -> int:
    """Write this of keywords, with tags added to what they have and `untags` taken away; returns how many it changed."""
    less = {tag.casefold() for tag in cells.tags(",".join(untags))}
    by_project: dict[str, dict[str, details.Details]] = {}
    for keyword in found:
        tags = _tags(keyword, wanted.tags or (), less) if wanted.tags or less else None
        one = details.Details(wanted.volume, tags, wanted.target_url)
        by_project.setdefault(keyword.project_id, {})[keyword.id] = one
    return sum(details.write_many(project_id, ones).changed for project_id, ones in by_project.items())


def _tags(keyword: models.Keyword, more: Sequence[str], less: Collection[str]) -> tuple[str, ...]:
    kept = [tag for tag in keyword.tags if tag.casefold() not in less]
    return cells.tags(",".join([*kept, *more]))
