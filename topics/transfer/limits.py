"""Limits of kinds, hosts and tenants that were set by hand, in an export; and what an import does with them."""

from collections.abc import Iterator, Sequence

from pydantic import Field

import queues
from state.engine import limits
from state.scraping import rates
from topics.operations import limits as of_kinds
from topics.transfer import shapes
from topics.transfer.merging import KEPT, Merging, Outcome, Record, changed, each, lean, refused


class Limit(shapes.Line):
    """How many jobs of a kind run at a time, set by hand."""

    of: shapes.Short
    most: int = Field(ge=0, le=1_000_000)


class Rate(shapes.Line):
    """A limit of a host or tenant, set by hand: `windows` are pairs of seconds and requests."""

    scope: str = Field(pattern=r"^(host|tenant):[^\x00-\x1f\s]{1,300}$")
    windows: list[tuple[int, int]] = Field(default_factory=list, max_length=10)
    delay_s: float | None = None
    concurrency: int | None = None


def read_limits() -> Iterator[Record]:
    """Limits of kinds."""
    yield from ({"of": one.kind, "most": one.most} for one in limits.every(queues.QUEUES))


def put_limits(lines: Sequence[Limit], merging: Merging) -> list[Outcome]:
    """What becomes of these. Nobody knows when a limit was set, so `newer` keeps ours."""
    here = {one.kind: one.most for one in limits.every(queues.QUEUES)}

    def put(line: Limit) -> Outcome:
        if line.of not in (known := of_kinds.kinds()):
            return refused(f"no job is of the kind {line.of!r:.60}: there are {', '.join(known)}")
        if line.of in here and here[line.of] != line.most and not merging.theirs_win(0, 0):
            return KEPT
        return changed(merging, line.of in here, here.get(line.of) == line.most, lambda: of_kinds.put(line.of, line.most))

    return each(lines, put)


def read_rates() -> Iterator[Record]:
    """Limits of hosts and tenants, by scope."""
    for scope, rate in rates.every().items():
        windows = [list(pair) for pair in rate.windows]
        yield lean({"scope": scope, "windows": windows, "delay_s": rate.delay_s, "concurrency": rate.concurrency})


def put_rates(lines: Sequence[Rate], merging: Merging) -> list[Outcome]:
    """What becomes of these. `newer` keeps ours, as with limits."""
    here = rates.every()

    def put(line: Rate) -> Outcome:
        rate = rates.Rate(tuple(line.windows), line.delay_s, line.concurrency)
        ours = here.get(line.scope)
        if ours is not None and ours != rate and not merging.theirs_win(0, 0):
            return KEPT
        return changed(merging, ours is not None, ours == rate, lambda: rates.put(line.scope, rate))

    return each(lines, put)
