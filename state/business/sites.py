"""Sites whose business pages were scraped, by owner and name. What is known of one in full is the result of its scrape."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import config
from state.business import keys
from state.store import connection, scripts


class Known(NamedTuple):
    """A site in short. `job`: the scrape whose result says the rest; `at_ms`: since 1970; `pages`: those that were read."""

    site: str
    owner: str
    job: str
    name: str
    domain: str
    pages: int
    at_ms: int


def put(known: Known, began_ms: int) -> bool:
    """Write what a scrape that began then found out; False where a later scrape has written before. Safe to repeat."""
    fields = {name: str(value) for name, value in known._asdict().items()}
    flat = [part for pair in fields.items() for part in pair]
    return bool(
        _put(
            site=keys.site(known.owner, known.site),
            sites=keys.sites(None),
            own=keys.sites(known.owner),
            member=known.site + keys.MARK + known.owner,
            began_ms=began_ms,
            keep_s=config.settings().result_days * 86_400,
            fields=flat,
        )
    )


@scripts.script("business/put_site")
def _put(*, site: str, sites: str, own: str, member: str, began_ms: int, keep_s: int, fields: Sequence[scripts.Argument]) -> int:
    raise scripts.InLua


def get(site: str, owner: str | None) -> Known | None:
    """A site of an owner ("" = nobody's), None = of whoever has it, the one scraped last; None where there is none."""
    owners = [owner] if owner is not None else _owners(site)
    found = [known for known in _read([(site, one) for one in owners]) if known]
    return max(found, key=lambda known: known.at_ms, default=None)


def some(owner: str | None, after: str, limit: int) -> tuple[list[Known], str]:
    """Sites by name from the cursor on ("" = the first), and the next cursor, "" = there are no more. Two round trips."""
    least = f"({after}" if after else "-"
    raw = connection.client().zrangebylex(keys.sites(owner), least, "+", start=0, num=limit + 1)
    members = [one.decode(errors="replace") for one in raw]
    shown = members[:limit]
    found = _read([(site, whose) for site, _, whose in (member.partition(keys.MARK) for member in shown)])
    gone = [member for member, known in zip(shown, found, strict=True) if known is None]
    if gone:  # RESULT_DAYS are over
        for list_ in {keys.sites(None), *(keys.sites(member.partition(keys.MARK)[2]) for member in gone)}:
            connection.client().zrem(list_, *gone)
    return [known for known in found if known], shown[-1] if len(members) > limit else ""


def _owners(site: str) -> list[str]:
    found = connection.client().zrangebylex(keys.sites(None), f"[{site}{keys.MARK}", f"[{site}{keys.MARK}\x7f", start=0, num=1000)
    return [member.decode(errors="replace").partition(keys.MARK)[2] for member in found]


def _read(wanted: Sequence[tuple[str, str]]) -> list[Known | None]:
    if not wanted:
        return []
    with connection.client().pipeline(transaction=False) as pipe:
        for site, owner in wanted:
            pipe.hgetall(keys.site(owner, site))
        return [_known(fields) for fields in pipe.execute()]


def _known(found: Mapping[bytes, bytes]) -> Known | None:
    if not found:
        return None
    fields = {name.decode(): value.decode(errors="replace") for name, value in found.items()}
    texts = {name: fields.get(name, "") for name in ("site", "owner", "job", "name", "domain")}
    return Known(**texts, pages=int(fields.get("pages") or 0), at_ms=int(fields.get("at_ms") or 0))
