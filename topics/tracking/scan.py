"""The one way of counting: which pages answer what was asked, which results are new, and how many lie above each of them.

A check counts as it fetches, a reparse counts the same pages again: both get the same numbers.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_plus

import models
from errors import BlockedError, NetworkError, ParseFailure, TrawlError, WrongPage
from models import PageClass
from parsing import marks

#: Page classes that end a check as an outcome of their own, and what a user can do.
BLOCKED = {
    PageClass.CAPTCHA: "Google asked for a captcha",
    PageClass.JS_REQUIRED: "Google wants JavaScript: use a rendering provider (SERP_PROVIDER=scrapedo-plugin)",
    PageClass.CONSENT: "Google asked for consent to cookies",
}

#: Spellings of one sign, folded before two queries are compared.
SAME_SIGNS = str.maketrans({**dict.fromkeys("“”„‟«»＂″", '"'), **dict.fromkeys("‘’‚‛`´′", "'"), **dict.fromkeys("‐‑‒–—−", "-")})
ACCENTS = re.compile("[\u0300-\u036f]")  # of Latin, Greek and Cyrillic; other scripts write letters with such marks
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")  # soft hyphens, joiners, directions
SHOWN_CHARS = 80


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


def refusal(page: models.SerpPage, asked: str, where: str) -> TrawlError | None:
    """Why a page says nothing about what was asked; None where it does. `where` says which page it is."""
    if page.page_class in BLOCKED:
        return BlockedError(f"{BLOCKED[page.page_class]} {where}.", page.page_class.value)
    if page.is_cut_off:
        return NetworkError(f"The page ends before it is whole {where}; it is fetched again.")
    if page.page_class is PageClass.PARSE_FAILURE:
        return ParseFailure(f"Nothing was found in an ordinary page {where}; it is kept for study.")
    if not answers(page, asked):
        told = (page.query or "")[:SHOWN_CHARS]
        return WrongPage(f"The page answers {told!r}, and {asked[:SHOWN_CHARS]!r} was asked {where}; it is kept for study.")
    return None


def uncounted(page: models.SerpPage) -> models.SerpPage:
    """A page that says nothing about what was asked, without what it would count for."""
    return replace(page, organic=(), cited=())


def answers(page: models.SerpPage, asked: str) -> bool:
    """Whether a page answers what was asked, as far as it says.

    Where Google says that it corrected the spelling, that notice decides: it is what a person sees who asks so.
    """
    told, wanted = _folded(page.query or ""), _folded(asked)
    return (
        page.is_corrected
        or not told
        or told == wanted
        or _is_encoded(page.query or "", wanted)
        or _results_deny(page, told, wanted)
    )


def _is_encoded(told: str, wanted: str) -> bool:
    """Whether a service repeats the query as it stands in HTML (`don&#39;t`) or in an address (`c%2B%2B`)."""
    return ("&" in told and _folded(html.unescape(told)) == wanted) or ("%" in told and _folded(unquote_plus(told)) == wanted)


def _results_deny(page: models.SerpPage, told: str, wanted: str) -> bool:
    """Whether the results are plainly of the query that was asked, and the page names another one by mistake.

    Only where a title holds every word that was asked, and none has even two neighbouring letters of what the page names: the
    results of a shorter, a longer or a similar query never pass.
    """
    titles = [_folded(one.title) for one in page.organic]
    traces = {told[at : at + 2] for at in range(max(1, len(told) - 1))}
    named = any(trace in title for trace in traces if trace.strip() == trace for title in titles)
    return not named and any(all(word in title for word in wanted.split()) for title in titles)


def _folded(text: str) -> str:
    """A query as two spellings of one have it in common: case, accents, white space and Unicode forms do not count.

    Quotes and operators count: they ask for something else.
    """
    text = unicodedata.normalize("NFKD", UNSEEN.sub("", text).translate(SAME_SIGNS))
    text = unicodedata.normalize("NFC", ACCENTS.sub("", text)).lower()  # casefold would make Maßen and Massen one word
    return " ".join(text.replace("ς", "σ").split())


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
