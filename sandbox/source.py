"""Where the sandbox's results come from: `Invented` is one source, `replay.Recorded` the other."""

from typing import Any, Protocol

import clock
from sandbox import invented_results, page_requests, pages, rankings, seals
from sandbox.page_requests import PageRequest


class Source(Protocol):
    """What the responder asks for. A page or row list that is None means: Google finds nothing."""

    def page(self, request: PageRequest, *, opaque: bool) -> str | None:
        """The page's HTML; with `opaque`, its links are /goto links."""

    def rows(self, request: PageRequest) -> list[dict[str, Any]]:
        """The page's organic results as the plugin gives them; empty where there are none."""

    def location(self, goto: str) -> str | None:
        """Where the /goto link (path and query) leads; None where nobody knows."""


class Invented:
    """Results out of `world`, today's by the project's clock."""

    def __init__(self, *, seed: int, domains: tuple[str, ...], no_results: float) -> None:
        self._seed = seed
        self._domains = domains
        self._no_results = no_results

    def page(self, request: PageRequest, *, opaque: bool) -> str | None:
        """The page as HTML."""
        found, more = self._results(request)
        if not found:
            return None
        text = request.query.text
        sheet = pages.Sheet(
            query=request.query,
            start=request.start,
            links=[pages.Link(seals.seal(result.url, self._seed) if opaque else result.url, result) for result in found],
            features=pages.features_of(text, request.start, self._seed),
            total=int(10 ** (3 + 6 * rankings.roll(self._seed, "total", text))),
            more=more,
        )
        return pages.results(sheet)

    def rows(self, request: PageRequest) -> list[dict[str, Any]]:
        """The same results as plain values."""
        return [
            {"position": number, "title": result.title, "link": result.url, "displayed_link": result.cite}
            for number, result in enumerate(self._results(request)[0], start=1)
        ]

    def location(self, goto: str) -> str | None:
        """The address in a link made by `seal`."""
        return seals.unseal(goto, self._seed)

    def _results(self, request: PageRequest) -> tuple[list[invented_results.Result], bool]:
        text, day = request.query.text, clock.now().date()
        if rankings.roll(self._seed, "nothing", text.lower()) < self._no_results:
            return [], False
        places = rankings.ranking(request.query, day, seed=self._seed, domains=self._domains)
        ends = request.start + page_requests.PAGE_SIZE
        return [invented_results.describe(text, day, place) for place in places[request.start : ends]], len(places) > ends
