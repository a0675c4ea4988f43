"""How many jobs came into each queue, and how many were over, minute by minute. The scripts count (lua/parts/flow.lua)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import ResponseError

from state.store import keys

#: Minutes that rates are made of: the present one has hardly begun, and is left out.
MINUTES = 15


@dataclass(frozen=True, slots=True)
class Rate:
    """Jobs a minute, on an average of the last minutes: new ones, and those that were over."""

    came: float = 0.0
    left: float = 0.0

    def empty_in_s(self, waiting: int) -> float | None:
        """Seconds until as many jobs as wait are over, if all goes on so; None where the queue does not shrink."""
        shrinks = self.left - self.came
        return waiting / shrinks * 60 if waiting and shrinks > 0 else None


def names(now: datetime, minutes: int = MINUTES) -> list[str]:
    """The keys (hashes) that hold these minutes."""
    began = now - timedelta(minutes=minutes)
    return list(dict.fromkeys(keys.flow(at) for at in (began, now)))


def rates(
    now: datetime, hashes: Sequence[Mapping[bytes, bytes] | Exception], queues: Sequence[str], minutes: int = MINUTES
) -> dict[str, Rate]:
    """The rate of each queue by what `names` hold, in their order. What is broken counts as nothing."""
    counts = dict[tuple[str, str], int]()
    wanted = {f"{keys.flow(at)}|{at:%M}" for back in range(1, minutes + 1) if (at := now - timedelta(minutes=back))}
    for name, found in zip(names(now, minutes), hashes, strict=True):
        if isinstance(found, Exception) and not isinstance(found, ResponseError):
            raise found
        for field, number in {} if isinstance(found, Exception) else found.items():
            minute, _, rest = field.decode(errors="replace").partition("|")
            what, _, queue = rest.partition("|")
            if f"{name}|{minute}" in wanted and number.isdigit():
                counts[queue, what] = counts.get((queue, what), 0) + int(number)
    return {queue: Rate(*(counts.get((queue, what), 0) / minutes for what in ("in", "out"))) for queue in queues}
