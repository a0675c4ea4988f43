"""Sites of businesses in an export, each with all that its pages said; and what an import does with them."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field

import queues
from state.business import sites
from topics.scraping import stored
from topics.transfer import shapes
from topics.transfer.merging import KEPT, Merging, Outcome, Record, changed, each

#: Sites of one round trip.
CHUNK = 100

FIELDS = sites.Known._fields


class Site(shapes.Line):
    """A site in short, and as `found` what its pages said."""

    site: str = Field(pattern=r"^[^\x00-\x1f\s*]{1,300}$")
    owner: shapes.Owner = ""
    job: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    name: shapes.Short = ""
    domain: shapes.Short = ""
    pages: shapes.Count = 0
    at_ms: shapes.Millisecond
    found: dict[str, Any] | None = None


def read(owner: str | None) -> Iterator[Record]:
    """Sites by name and owner, of everybody or of one."""
    after, is_first = "", True
    while after or is_first:
        is_first = False
        known, after = sites.some(owner, after, CHUNK)
        for one in known:
            facts = {name: value for name, value in one._asdict().items() if value != "" or name == "site"}
            yield facts | {"found": stored.result(one.job)}


def put(lines: Sequence[Site], merging: Merging) -> list[Outcome]:
    """What becomes of these; they stay RESULT_DAYS from now on."""
    return each(lines, lambda line: _put(line, merging))


def _put(line: Site, merging: Merging) -> Outcome:
    owner = merging.owner_of(line.owner)
    known = sites.Known(*(getattr(line, name) for name in FIELDS))._replace(owner=owner)
    ours = sites.get(line.site, owner)
    result = stored.result(known.job)
    if result is not None and stored.owner_of(known.job) != owner:  # it is another's here: this one gets a name of its own
        known = known._replace(job=hashlib.sha256(f"{owner}\n{line.job}".encode()).hexdigest()[:32])
        result = stored.result(known.job)
    is_equal = ours == known and result == line.found
    if ours is not None and not is_equal and ours != known and not merging.theirs_win(ours.at_ms, line.at_ms):
        return KEPT

    def write() -> None:
        if line.found is not None and result is None:
            with queues.owned_by(owner):
                stored.put_result(known.job, line.found)
        sites.put(known, max(line.at_ms, ours.at_ms if ours else 0))

    return changed(merging, ours is not None, is_equal, write)
