"""Tags, volume and target page of keywords as people give them: checked, then stored."""

from collections.abc import Sequence

import models
from errors import ArgumentError
from parsing import cells
from state.tracking import details
from topics.tracking import projects


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


def of_texts(project_id: str, texts: Sequence[str], wanted: details.Details) -> int:
    """Write this of keywords by their texts; returns how many it changed."""
    ids = [projects.find_keyword(text, project_id).id for text in texts]
    return details.write_many(project_id, dict.fromkeys(ids, wanted)).changed


def change(found: Sequence[models.Keyword], wanted: details.Details, untags: Sequence[str] = ()) -> int:
    """Write this of keywords, with tags added to what they have and `untags` taken away; returns how many it changed."""
    changed = 0
    less = {tag.casefold() for tag in cells.tags(",".join(untags))}
    for keyword in {one.id: one for one in found}.values():
        tags = None
        if wanted.tags or less:
            kept = [tag for tag in keyword.tags if tag.casefold() not in less]
            tags = cells.tags(",".join([*kept, *(wanted.tags or ())]))
        one = details.Details(wanted.volume, tags, wanted.target_url)
        changed += details.write_many(keyword.project_id, {keyword.id: one}).changed
    return changed
