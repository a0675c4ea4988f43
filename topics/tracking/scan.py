"""The one way of counting: which results are new, and how many lie above each of them.

A check counts as it fetches, a reparse counts the same pages again: both get the same numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import models
from parsing import marks


@dataclass(slots=True)
class Count:
    """Results counted over the pages of one check. `scanned`: how many different ones were looked at."""

    scanned: int = 0
    is_over: bool = False  # nothing comes after the last page: it had no organic result, or none that was new
    _earlier: set[object] = field(default_factory=set)

    def add(
        self, page: models.SerpPage, resolve: Callable[[models.SerpPage], models.SerpPage] = lambda page: page
    ) -> tuple[int, models.SerpPage]:
        """(results above it, the page with what is new on it); `resolve` opens its opaque links.

        A result that came on an earlier page is left out, and so is the same address twice on one page: each is seen once.
        """
        above, fresh = self.scanned, self._fresh(page)
        read = resolve(replace(page, organic=fresh))
        for result in (*page.organic, *read.organic):
            self._earlier |= {_identity(result), _looks(result)}
        self.scanned += len(read.organic)
        self.is_over = not read.organic
        return above, read

    def _fresh(self, page: models.SerpPage) -> tuple[models.Organic, ...]:
        if all(self._came_before(one) for one in page.organic):
            return ()
        here: set[object] = set()
        fresh: list[models.Organic] = []
        for result in page.organic:
            if _identity(result) not in self._earlier and _exactly(result) not in here:
                here.add(_exactly(result))
                fresh.append(replace(result, position=len(fresh) + 1))
        return tuple(fresh)

    def _came_before(self, result: models.Organic) -> bool:
        """Opaque links differ each time: of a whole page that comes again, what they show is enough."""
        return _identity(result) in self._earlier or (result.url is None and _looks(result) in self._earlier)


def _identity(result: models.Organic) -> object:
    """What makes results of two pages the same one: the address, else what an opaque one shows of itself."""
    if result.url:
        return marks.identity(result.url)
    if result.title and result.displayed_host:
        return _looks(result)
    return result.goto_url or object()


def _exactly(result: models.Organic) -> object:
    """What makes two results of one page the same one."""
    return result.url or result.goto_url or object()


def _looks(result: models.Organic) -> tuple[str, str | None]:
    return result.title, result.displayed_host
