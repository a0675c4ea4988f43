"""What becomes of jobs, a row a change: the form in which scripts write it to the stream of events, and count it.

A row is `kind|outcome|category|bucket`, and behind tabs: ms, job id, attempts, host, tag, project, owner. Empty fields at its end
are left out. Its first field is also the name of its counter in the hour (state/engine/hourly.py). The bucket is the number of
binary digits of the execution's ms: 0 = less than 1 ms, 10 = 512 to 1023 ms.
"""

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

from errors import ArgumentError

#: Labels that a caller gives a job: fields of its record, by which the history finds it.
GIVEN = ("host", "tag", "project")

#: All labels. The owner is the one of the submit (engine/ownership.py).
LABELS = (*GIVEN, "owner")

#: Longest label, in characters.
MAX_LABEL = 200

#: Outcomes after which a job does nothing more. Others are events only.
ENDED = frozenset({"finished", "failed", "stopped", "canceled"})

#: The kind of a job.
KIND = re.compile(r"[A-Za-z0-9_-]{1,40}")

_BROKEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Change(NamedTuple):
    """One change of a job. `at_ms`: since 1970; `position`: entry of the stream and place in it, ascending."""

    position: tuple[int, int, int]
    at_ms: int
    outcome: str
    kind: str
    category: str
    ran_ms: int
    job_id: str
    attempts: int = 1
    host: str = ""
    tag: str = ""
    project: str = ""
    owner: str = ""


def read(position: tuple[int, int, int], at_ms: int, row: str) -> Change | None:
    """The change that a row tells; None for what is no row."""
    field, _, rest = row.partition("\t")
    head, words = field.split("|"), rest.split("\t")
    if len(head) != 4 or len(words) < 2 or not words[0].isdigit():
        return None
    words += [""] * (7 - len(words))
    attempts = int(words[2]) if words[2].isdigit() else 1
    return Change(position, at_ms, head[1], head[0], head[2], int(words[0]), words[1], attempts, *words[3:7])


def plain(text: str) -> str:
    """A label as a row can hold it."""
    return _BROKEN.sub(" ", text[:MAX_LABEL])


@functools.lru_cache(1024)
def _checked(labels: tuple[tuple[str, str], ...]) -> str:
    for name, value in labels:
        if name not in GIVEN:
            raise ArgumentError(f"a job has no label {name!r:.40}: there are {', '.join(GIVEN)}.")
        if not isinstance(value, str) or not 1 <= len(value) <= MAX_LABEL or _BROKEN.search(value):
            raise ArgumentError(f"the label {name} must be 1 to {MAX_LABEL} characters of text on one line, not {value!r:.60}.")
    return "\t".join(f"{name}\t{value}" for name, value in labels)


def labels_text(labels: Mapping[str, str], retry_of: str | None = None, owner: str = "", parent: str | None = None) -> str:
    """Labels of a job as its submit sends them: name, tab, value, tab …; '' = none. Raises ArgumentError for what is no label."""
    if retry_of or owner or parent:
        more = {"retry_of": retry_of, "owner": owner, "parent": parent}
        pairs = [f"{name}\t{value}" for name, value in more.items() if value]
        return "\t".join(filter(None, (labels_text(labels), *pairs)))
    try:
        return _checked(tuple(labels.items())) if labels else ""
    except (TypeError, AttributeError):
        raise ArgumentError(f"labels must be text by {', '.join(GIVEN)}, not {labels!r:.80}.") from None
