"""Keywords of an export with their whole history, and what an import does with them."""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import chunks
from state.tracking import copies, keywords, projects, texts
from state.tracking.copies import Copy
from topics.tracking.projects import checked_keyword
from topics.transfer import days, order, shapes
from topics.transfer.merging import (
    KEPT,
    MERGED,
    NEW,
    UNCHANGED,
    UNREADABLE,
    Merging,
    Outcome,
    Record,
    lean,
    refused,
    told,
    unreadable,
)

#: Fields of a keyword whose later writer is the later check, and its details.
CHECK, DETAILS = ("d", "s", "a", "f"), ("v", "g", "u")

#: Another writer may change a keyword between a look and the script: looked at again so often at most.
LOOKS = 5


def read(project_ids: Sequence[str]) -> Iterator[Record]:
    """The keywords of these projects, each project's by id. Holds the ids of one project, and 100 keywords at a time."""
    for project_id in project_ids:
        for chunk in chunks.of(order.by_id(keywords.ids_of(project_id, archived=None)), copies.CHUNK):
            found = [copy for copy in copies.read_many(project_id, chunk) if copy]
            yield from told(found, lambda copy: copy.id, functools.partial(_record, project_id))


def count(project_ids: Sequence[str]) -> int:
    """How many there are."""
    return sum(keywords.count_of(project_id) for project_id in project_ids)


def _record(project_id: str, copy: Copy) -> Record:
    kept = copy.fields
    numbers = {name: int(kept[letter]) for name, letter in NUMBERS.items() if letter in kept}
    facts: dict[str, Any] = {"id": copy.id, "project": project_id, "text": kept["t"], **numbers}
    facts |= {"key": kept.get("k", ""), "is_folded": "k" not in kept, "archived": "x" in kept}
    facts |= {"tags": kept["g"].split("\n") if kept.get("g") else [], "target_url": kept.get("u", "")}
    facts |= {"error": json.loads(copy.error) if copy.error else {}, "pages": [_page(one) for one in copy.pages]}
    facts |= {"days": days.rows(copy.ranks), "seen": days.seen_rows(copy.serps)}
    return lean(facts | {"next": _next(copy) or None})


NUMBERS = {"due": "d", "scraped": "s", "failed": "a", "failures": "f", "volume": "v"}


def _page(text: str) -> list[str]:
    url, _, title = text.partition("\t")
    return [url, title]


def _next(copy: Copy) -> int:
    """When it is due; of one that a batch holds, its regular time: whoever reads this has no such batch."""
    score = 0.0 if copy.score is None else copy.score
    return int(score) if score >= 0 else int(copy.fields.get("d", 0))


def put(lines: Sequence[shapes.Keyword], merging: Merging) -> list[Outcome]:
    """What becomes of these keywords, of whatever projects."""
    outcomes: dict[int, Outcome] = {}
    for project_id in dict.fromkeys(line.project for line in lines):
        mine = {number: line for number, line in enumerate(lines) if line.project == project_id}
        outcomes |= dict(zip(mine, _put(project_id, list(mine.values()), merging), strict=True))
    return [outcomes[number] for number in range(len(lines))]


def _put(project_id: str, lines: Sequence[shapes.Keyword], merging: Merging) -> list[Outcome]:
    if projects.find(project_id) is None and project_id not in merging.coming:
        return [refused(f"project {project_id} is not here: import its line too, or `project add` it")] * len(lines)
    found = [_read(line) for line in lines]
    outcomes: list[Outcome] = [one if isinstance(one, Outcome) else UNCHANGED for one in found]
    waiting = {number: one for number, one in enumerate(found) if isinstance(one, Copy)}
    for _ in range(LOOKS):
        waiting = _round(project_id, waiting, outcomes, merging)
        if not waiting:
            return outcomes
    for number in waiting:
        outcomes[number] = refused("it is changed faster than one can look: import it again")
    return outcomes


def _round(project_id: str, waiting: Mapping[int, Copy], outcomes: list[Outcome], merging: Merging) -> dict[int, Copy]:
    """Decide these and write them; returns those that somebody changed meanwhile."""
    places = texts.find(project_id, [copy.fields["t"] for copy in waiting.values()])
    ids = [place[0] if place else copy.id for place, copy in zip(places, waiting.values(), strict=True)]
    writes: dict[int, tuple[Copy, Copy | None]] = {}
    for (number, theirs), before in zip(waiting.items(), copies.read_many(project_id, ids), strict=True):
        outcomes[number], after = _decided(theirs, before, merging)
        if after is not None and not merging.is_dry:
            writes[number] = after, before
    replies = copies.put_many(project_id, list(writes.values()))
    again = {number: waiting[number] for number, reply in zip(writes, replies, strict=True) if reply == "changed"}
    for number, reply in zip(writes, replies, strict=True):
        if reply == "no project":
            outcomes[number] = refused(f"project {project_id} was removed meanwhile")
    return again


def _decided(theirs: Copy, ours: Copy | None, merging: Merging) -> tuple[Outcome, Copy | None]:
    if ours is None:
        return NEW, theirs
    if ours.fields.get("p") != theirs.fields["p"] or not _is_same_text(ours, theirs):
        return refused(
            f"the id {theirs.id} is that of another keyword here, {ours.fields.get('t', '')!r:.60}: remove that one first"
        ), None
    if _is_equal(theirs, ours):
        return UNCHANGED, None
    merged = _merged(ours, theirs, theirs_win=merging.theirs_win(_last_attempt(ours), _last_attempt(theirs)))
    return (KEPT, None) if _is_equal(merged, ours) else (MERGED, merged)


def _merged(ours: Copy, theirs: Copy, *, theirs_win: bool) -> Copy:
    later = theirs if _last_attempt(theirs) > _last_attempt(ours) else ours
    first, second = (theirs, ours) if theirs_win else (ours, theirs)
    fields = {name: first.fields[name] for name in ("p", "t", "k", "x") if name in first.fields}
    if theirs_win and "k" in ours.fields:
        fields["k"] = ours.fields["k"]  # by it the keyword is found under the id it has here
    fields |= {name: later.fields[name] for name in CHECK if name in later.fields}
    details = {**second.fields, **first.fields}
    fields |= {name: details[name] for name in DETAILS if name in details}
    ranks, pages = days.merged((ours.ranks, list(ours.pages)), (theirs.ranks, list(theirs.pages)), theirs_win=theirs_win)
    seen = ours.serps if not theirs.serps else days.seen_merged(ours.serps, theirs.serps, theirs_win=theirs_win)
    score = None if "x" in fields else float(_next(later))
    return Copy(ours.id, fields, ranks, pages, seen, later.error, score)


def _is_equal(one: Copy, other: Copy) -> bool:
    """Whether an export writes both alike, whatever their ids."""
    if (one.fields, one.ranks, list(one.pages)) != (other.fields, other.ranks, list(other.pages)) or _next(one) != _next(other):
        return False
    is_seen_alike = one.serps == other.serps or days.seen_rows(one.serps) == days.seen_rows(other.serps)
    return is_seen_alike and (one.error == other.error or json.loads(one.error or "{}") == json.loads(other.error or "{}"))


def _is_same_text(ours: Copy, theirs: Copy) -> bool:
    """Whether both are one keyword: `texts.find` found ours by their text, or they are spelled alike."""
    ids = texts.ids_for(theirs.fields["p"], theirs.fields["t"])
    return ours.id in (ids.own, ids.old, ids.besides)


def _last_attempt(copy: Copy) -> int:
    return max(int(copy.fields.get(name) or 0) for name in ("s", "a"))


def _read(line: shapes.Keyword) -> Copy | Outcome:
    """The keyword that a line describes."""
    try:
        text = checked_keyword(line.text)
        ids = texts.ids_for(line.project, text)
        if line.id not in (ids.own, ids.old, ids.besides):
            return refused(f"the id {line.id} is not that of {text!r:.60} in {line.project}: leave the line as it was exported")
        pages = [f"{url}\t{title}" for url, title in line.pages]
        fields = _fields(line, text)
        score = None if line.archived else float(line.next)
        error = json.dumps(line.error, ensure_ascii=False) if line.error else ""
        return Copy(line.id, fields, days.packed(line.days, len(pages)), pages, days.seen_packed(line.seen), error, score)
    except UNREADABLE as exc:
        return unreadable(exc)


def _fields(line: shapes.Keyword, text: str) -> dict[str, str]:
    numbers = {letter: getattr(line, name) for name, letter in NUMBERS.items()}
    fields = {"p": line.project, "t": text}
    fields |= {} if line.is_folded else {"k": line.key}
    fields |= {"x": "1"} if line.archived else {}
    fields |= {letter: str(value) for letter, value in numbers.items() if value is not None and (letter != "f" or value)}
    fields |= {"g": "\n".join(line.tags)} if line.tags else {}
    return fields | ({"u": line.target_url} if line.target_url else {})
