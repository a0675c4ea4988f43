"""Share of voice: how much of what searchers see belongs to each domain, counted over what the checks of a project saw.

    visibility of a domain = sum of weight(best rank) x volume / sum of volume, as a project's own (visibility.py)
    share of voice         = its sum of weight(best rank) x volume / that sum of all domains

A keyword counts on a day with the newest result page that was read on it or a few days before. Others are left out, and counted
beside. The results of the project itself are one voice, whatever their domain; other results of that domain are another voice.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from state.tracking.serp_summaries import Brief

#: What the figures mean, for people.
FORMULA = "a domain's sum of weight(best rank) x volume / that sum of all domains, over keywords whose page was read lately"

#: The name of the project's own voice; no domain is named so.
OURS = ""


@dataclass(slots=True)
class Day:
    """A day over all domains. `seen`: the seen volume of all of them together."""

    seen: float = 0.0
    volume: float = 0.0
    keywords: int = 0
    features: Counter[int] = field(default_factory=Counter)  # by the bits of a page

    def share(self, seen: float) -> float | None:
        """The share of voice of a domain with so much seen volume; None where nothing was seen on the day."""
        return round(seen / self.seen, 5) if self.seen else None


class Voice:
    """A domain: its seen volume by day, how it stands on the last one, and against us.

    `above`: keywords where it ranks and we do not, or lower.
    """

    __slots__ = ("above", "below", "keywords", "seen", "top_3", "top_10")

    def __init__(self, days: int) -> None:
        self.seen = array("d", bytes(8 * days))
        self.keywords = self.top_3 = self.top_10 = self.above = self.below = 0


class Voices:
    """All domains on a few days, over keywords that come one after the other. `numbers`: the days, oldest first."""

    def __init__(self, numbers: Sequence[int], slack_days: int, weights: tuple[float, ...]) -> None:
        self.numbers, self.slack_days, self.weights = numbers, slack_days, weights
        self.days = [Day() for _ in numbers]
        self.known: dict[str, Voice] = {}
        self.taken = 0
        self.sourced = self.cited = 0  # AI overviews whose sources were read; that name us
        self.invented = 0

    def of(self, domain: str) -> Voice:
        """A domain; one that was never seen is silent."""
        return self.known.get(domain) or Voice(len(self.numbers))

    def share(self, domain: str, at: int = -1) -> float | None:
        """The share of voice of a domain on one of the days."""
        return self.days[at].share(self.of(domain).seen[at])

    def visibility(self, domain: str) -> float | None:
        """The visibility of a domain on the last day."""
        last = self.days[-1]
        return round(self.of(domain).seen[-1] / last.volume, 4) if last.volume else None

    def count(self, past: Sequence[Brief], volume: int | None) -> None:
        """Count a keyword; `past` is what was seen, newest first."""
        self.taken += 1
        weighs = volume or 1
        for at, one in held(past, self.numbers, self.slack_days):
            places = one.places(OURS)
            self._day(at, places, weighs)
            self.days[at].features[one.features] += 1
            if at == len(self.numbers) - 1:
                self.sourced += one.sourced
                self.cited += one.cited
                self.invented += one.sandbox
                self._last(places)

    def _day(self, at: int, places: Mapping[str, int], weighs: int) -> None:
        day, days = self.days[at], len(self.numbers)
        day.keywords += 1
        day.volume += weighs
        for domain, rank in places.items():
            voice = self.known.get(domain)
            if voice is None:
                voice = self.known[domain] = Voice(days)
            if rank <= len(self.weights):
                seen = self.weights[rank - 1] * weighs
                day.seen += seen
                voice.seen[at] += seen

    def _last(self, places: Mapping[str, int]) -> None:
        ours = places.get(OURS)
        for domain, rank in places.items():
            voice = self.known[domain]
            voice.keywords += 1
            voice.top_3 += rank <= 3
            voice.top_10 += rank <= 10
            voice.above += ours is None or rank < ours
            voice.below += ours is not None and rank > ours


def held(past: Sequence[Brief], numbers: Sequence[int], slack_days: int) -> Iterable[tuple[int, Brief]]:
    """(position of a day, what was seen last until then), for the days on which that is not too old. `past`: newest first."""
    at = len(past) - 1
    for position, number in enumerate(numbers):
        while at > 0 and past[at - 1].number <= number:
            at -= 1
        if past and past[at].number <= number <= past[at].number + slack_days:
            yield position, past[at]
