"""What walls say, looked for in long texts: as `blocks_signs.PHRASES` find it, and quickly where it is not there."""

import functools
import re

from parsing import blocks_signs, needed_words


def phrases(group: str) -> list[str]:
    """The phrases of a group, as they are joined in `PHRASES`."""
    groups = {group: (group,), "denied": ("denied", "region")}[group]
    rows = [line.split("\t") for line in (blocks_signs.HERE / "block_phrases.tsv").read_text("utf-8").splitlines()]
    return [row[1] for wanted in groups for row in rows if row[0] == wanted]


@functools.cache
def _patterns(group: str) -> needed_words.Patterns:
    return needed_words.Patterns(phrases(group))


def said(group: str, text: str) -> re.Match[str] | None:
    """The same as `PHRASES[group].search(text)`."""
    return _patterns(group).search(text)
