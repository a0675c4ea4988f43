"""Saved views of an export, and what an import does with them."""

from collections.abc import Iterator, Sequence

from pydantic import Field

from errors import NotAllowed
from state.access import saved_views as stored
from topics.access import saved_views, view_addresses
from topics.transfer import shapes
from topics.transfer.merging import KEPT, Merging, Outcome, Record, changed, each


class View(shapes.Line):
    """A saved view. `owner`: `key:<id>`, `user:<name>`, `local`, or `all`: everybody sees it."""

    owner: str = Field(pattern=r"^(all|local|(key|user):[^\x00-\x1f*\s]{1,80})$")
    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    name: shapes.Short
    path: shapes.Short
    query: shapes.Long
    actor: str = Field("", max_length=80)
    made_s: shapes.Second = 0


FIELDS = ("name", "path", "query", "actor", "made_s")


def read(holder: str | None) -> Iterator[Record]:
    """Views by owner and id: of everybody, or of one and those for all."""
    owners = stored.owners() if holder is None else sorted({holder, saved_views.EVERYBODY})
    for owner in owners:
        [views] = stored.of([owner])
        for view_id, facts in sorted(views.items()):
            yield {"owner": owner, "id": view_id, **{name: facts[name] for name in FIELDS if name in facts}}


def put(lines: Sequence[View], merging: Merging) -> list[Outcome]:
    """What becomes of these."""
    return each(lines, lambda line: _put(line, merging))


def _put(line: View, merging: Merging) -> Outcome:
    view_addresses.checked_name(line.name)
    view_addresses.checked(f"{line.path}?{line.query}")
    owner = line.owner if merging.holder is None else merging.holder
    facts = {name: getattr(line, name) for name in FIELDS}
    [views] = stored.of([owner])
    ours = views.get(line.id)
    if ours is not None and ours != facts and not merging.theirs_win(int(ours.get("made_s") or 0), line.made_s):
        return KEPT

    def write() -> None:
        if not stored.put(owner, line.id, facts):
            raise NotAllowed(f"{owner} has {stored.MOST} saved views: remove one that is needed no more")

    return changed(merging, ours is not None, ours == facts, write)
