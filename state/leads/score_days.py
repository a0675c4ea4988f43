"""The scores of companies as they were at some moments."""

from collections.abc import Sequence

from state.leads import keys
from state.store import connection

#: Scores that are read of each company at first: mostly they reach back far enough.
RECENT = 30


def as_of(company_ids: Sequence[str], moments: Sequence[int]) -> list[dict[int, float | None]]:
    """The scores of each company at these moments (ms since 1970); None where it had none, or the history begins later.

    One round trip; another one for those that were scored often since.
    """
    found = _read(company_ids, -RECENT)
    early = min(moments, default=0)
    short = [at for at, lines in enumerate(found) if len(lines) == RECENT and lines[0][0] > early]
    for at, lines in zip(short, _read([company_ids[at] for at in short], 0), strict=True):
        found[at] = lines
    return [{moment: _at(lines, moment) for moment in moments} for lines in found]


def _read(company_ids: Sequence[str], start: int) -> list[list[tuple[int, float]]]:
    """Moments and totals, the first one first."""
    if not company_ids:
        return []
    with connection.client().pipeline(transaction=False) as pipe:
        for one in company_ids:
            pipe.lrange(keys.history(one), start, -1)
        return [[_entry(line) for line in lines] for lines in pipe.execute()]


def _entry(line: bytes) -> tuple[int, float]:
    at_ms, total, _ = line.split(b" ", 2)
    return int(at_ms), float(total)


def _at(lines: Sequence[tuple[int, float]], moment: int) -> float | None:
    """The score that held: the last one that is not later."""
    return next((total for at_ms, total in reversed(lines) if at_ms <= moment), None)
