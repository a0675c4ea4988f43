"""The course of the share of voice: some domains, and the project itself, on many days."""

from collections.abc import Iterable, Mapping, Sequence

from state.tracking.serp_summaries import NO_TEXT, Brief
from topics.tracking import voices
from topics.tracking.voices import Day


class Course:
    """Some domains, and the project itself, on many days. `seen`: by day, the seen volume of each."""

    def __init__(self, numbers: Sequence[int], slack_days: int, weights: tuple[float, ...], domains: Iterable[str]) -> None:
        self.numbers, self.slack_days, self.weights, self.domains = numbers, slack_days, weights, frozenset(domains)
        self.days = [Day() for _ in numbers]
        self.seen = [dict.fromkeys((voices.OURS, *self.domains), 0.0) for _ in numbers]
        self._sums = [sum(weights[:number]) for number in range(len(weights) + 1)]

    def count(self, past: Sequence[Brief], volume: int | None) -> dict[str, int]:
        """Count a keyword; returns who of them stands where on the last day."""
        weighs, last, total, ranks = volume or 1, None, 0.0, dict[str, int]()
        named = {index: text for index, text in enumerate(past[0].texts if past else ()) if text in self.domains}
        at = -1
        for at, one in voices.held(past, self.numbers, self.slack_days):
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
            places = one.places(voices.OURS)
            total = sum(self.weights[rank - 1] for rank in places.values() if rank <= len(self.weights))
            return total, {domain: rank for domain, rank in places.items() if domain == voices.OURS or domain in self.domains}
        ours = one.own[0] if one.own else 0
        ranks = {domain: one.hosts.find(index) + 1 for index, domain in named.items() if index in one.hosts}
        ranks = {domain: rank for domain, rank in ranks.items() if rank != ours}
        total = self._sums[len(top)]
        if len(one.hosts) < ours <= len(self.weights):  # our result shows no domain, and none below it does
            total += self.weights[ours - 1]
        return total, ranks | {voices.OURS: ours} if ours else ranks
