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

from state.tracking.serp_summaries import NO_TEXT, Brief

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


class Course:
    """Some domains, and the project itself, on many days. `seen`: by day, the seen volume of each."""

    def __init__(self, numbers: Sequence[int], slack_days: int, weights: tuple[float, ...], domains: Iterable[str]) -> None:
        self.numbers, self.slack_days, self.weights, self.domains = numbers, slack_days, weights, frozenset(domains)
        self.days = [Day() for _ in numbers]
        self.seen = [dict.fromkeys((OURS, *self.domains), 0.0) for _ in numbers]
        self._sums = [sum(weights[:number]) for number in range(len(weights) + 1)]

    def count(self, past: Sequence[Brief], volume: int | None) -> dict[str, int]:
        """Count a keyword; returns who of them stands where on the last day."""
        weighs, last, total, ranks = volume or 1, None, 0.0, dict[str, int]()
        named = {index: text for index, text in enumerate(past[0].texts if past else ()) if text in self.domains}
        at = -1
        for at, one in held(past, self.numbers, self.slack_days):
            if one is not last:
                total, ranks = self._places(one, named)
                last = one
            day, seen = self.days[at], self.seen[at]
            day.keywords += 1
            day.seen += total * weighs
            for domain, rank in ranks.items():
                if rank <= len(self.weights):
                    seen[domain] += self.weights[rank - 1] * weighs
        return ranks if at == len(self.numbers) - 1 else {}

    def _places(self, one: Brief, named: Mapping[int, str]) -> tuple[float, dict[str, int]]:
        """(weight of all domains together, who of ours stands where). Most pages show each domain once: then bytes tell it."""
        top = one.hosts[: len(self.weights)]
        if len(one.own) > 2 or NO_TEXT in top or len(set(one.hosts)) < len(one.hosts):
            places = one.places(OURS)
            total = sum(self.weights[rank - 1] for rank in places.values() if rank <= len(self.weights))
            return total, {domain: rank for domain, rank in places.items() if domain == OURS or domain in self.domains}
        ours = one.own[0] if one.own else 0
        ranks = {domain: one.hosts.find(index) + 1 for index, domain in named.items() if index in one.hosts}
        ranks = {domain: rank for domain, rank in ranks.items() if rank != ours}
        total = self._sums[len(top)]
        if len(one.hosts) < ours <= len(self.weights):  # our result shows no domain, and none below it does
            total += self.weights[ours - 1]
        return total, ranks | {OURS: ours} if ours else ranks


def held(past: Sequence[Brief], numbers: Sequence[int], slack_days: int) -> Iterable[tuple[int, Brief]]:
    """(position of a day, what was seen last until then), for the days on which that is not too old. `past`: newest first."""
    at = len(past) - 1
    for position, number in enumerate(numbers):
        while at > 0 and past[at - 1].number <= number:
            at -= 1
        if past and past[at].number <= number <= past[at].number + slack_days:
            yield position, past[at]
