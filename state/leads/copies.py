"""Companies as they are stored: read for an export."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from state.leads import keys
from state.store import connection


@dataclass(frozen=True, slots=True)
class Copy:
    """All that is stored of a company: its hash, and its lists of former facts (newest first) and scores (oldest first)."""

    id: str
    fields: Mapping[str, str]
    former: Sequence[str] = field(default_factory=list)
    scores: Sequence[str] = field(default_factory=list)

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.fields.get("owner", "")

    @property
    def members(self) -> list[str]:
        """What names it."""
        return [one for one in self.fields.get("members", "").split("\n") if one]


def read_many(ids: Sequence[str]) -> list[Copy | None]:
    """Companies, None for each that is not there. One round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for one in ids:
            pipe.hgetall(keys.lead(one))
            pipe.lrange(keys.former(one), 0, -1)
            pipe.lrange(keys.history(one), 0, -1)
        rows = pipe.execute()
    return [_copy(one, *rows[3 * at : 3 * at + 3]) for at, one in enumerate(ids)]


def walk(owner: str | None, chunk: int = 200) -> Iterator[list[Copy]]:
    """All companies of an owner (None = everybody's) by id, so many at a time."""
    after = "-"
    while ids := [one.decode() for one in connection.client().zrangebylex(keys.ids(owner), after, "+", start=0, num=chunk)]:
        yield [copy for copy in read_many(ids) if copy]
        after = f"({ids[-1]}"


def named_by(owner: str, members: Sequence[str]) -> str:
    """The company that the first of these names; "" = none does."""
    found = connection.client().hmget(keys.index(owner), list(members)) if members else []
    return next((one.decode() for one in found if one), "")


def _copy(company_id: str, fields: Mapping[bytes, bytes], former: Sequence[bytes], scores: Sequence[bytes]) -> Copy | None:
    if not fields:
        return None
    told = {name.decode(): value.decode(errors="replace") for name, value in fields.items()}
    return Copy(company_id, told, *([one.decode(errors="replace") for one in found] for found in (former, scores)))
