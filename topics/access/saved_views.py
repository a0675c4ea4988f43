"""Saved views: the filters of a list under a name, for oneself or for all. Only filters of pages of ours are kept."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import clock
from errors import ArgumentError, NotAllowed, NotFound
from state.access import saved_views as stored
from state.store import connection

#: Who owns the views that everybody sees.
EVERYBODY = "all"

#: Characters of a name and of an address; filters of one view.
LONGEST_NAME, LONGEST_ADDRESS, MOST_FILTERS = 60, 2000, 40

#: The lists that have saved views.
PAGES = re.compile(r"/jobs|/failures|/projects/[a-z0-9][a-z0-9._-]{0,59}/keywords")

#: Names of filters; and what of an address is no filter: where a list goes on, and how it is downloaded.
FILTER, NO_FILTER = re.compile(r"[A-Za-z0-9_.-]{1,60}"), re.compile(r".*-?cursor|format|table|limit|csrf_token")

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class View:
    """A saved view. `query` holds filters only. `for_all`: everybody sees it. `actor`: who saved it."""

    id: str
    name: str
    path: str
    query: str
    for_all: bool
    actor: str
    made_at: datetime
    was_there: bool = False  # when it was saved, it took the place of another

    @property
    def address(self) -> str:
        """Where it leads."""
        return f"{self.path}?{self.query}"


def add(owner: str, name: str, address: str, actor: str) -> View:
    """Save the filters of an address (`/jobs?status=failed`) under a name, in place of a view of that page and name.

    Raises ArgumentError for what is no list of ours or has no filter, NotAllowed where the owner has too many.
    """
    path, query = checked(address)
    name = checked_name(name)
    view_id = hashlib.sha256(f"{path}\n{name.casefold()}".encode()).hexdigest()[:16]
    now_s = int(clock.now().timestamp())
    facts = {"name": name, "path": path, "query": query, "actor": actor[:80], "made_s": now_s}
    with connection.errors_translated():
        outcome = stored.put(owner, view_id, facts)
        if not outcome:
            raise NotAllowed(f"There are {stored.MOST} saved views: remove one that is needed no more.")
    return replace(_view(view_id, facts, owner == EVERYBODY), was_there=outcome == "replaced")


def of(owner: str, path: str = "") -> list[View]:
    """The views that an owner sees, by name: its own and those for all; of one page, or of all."""
    with connection.errors_translated():
        kept = stored.of([owner, EVERYBODY])
    found = [
        _view(view_id, facts, for_all)
        for for_all, views in zip((False, True), kept, strict=True)
        for view_id, facts in views.items()
        if not path or facts.get("path") == path
    ]
    return sorted((one for one in found if one.query), key=lambda one: (one.name.casefold(), one.path, one.for_all))


def remove(owner: str, view_id: str) -> None:
    """Forget a view. Raises NotFound."""
    with connection.errors_translated():
        if not stored.remove(owner, view_id):
            raise NotFound(f"No saved view {view_id!r:.40}: it may be removed by now.")


def checked_name(text: str) -> str:
    """A name on one line. Raises ArgumentError."""
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME or UNPRINTABLE.search(name):
        raise ArgumentError(f"the name of a view must be 1 to {LONGEST_NAME} characters on one line.")
    return name


def checked(address: str) -> tuple[str, str]:
    """The path and the filters of an address of ours. Raises ArgumentError.

    >>> checked("/jobs?status=failed&jobs-cursor=abc&format=csv")
    ('/jobs', 'status=failed')
    """
    parts = _parts(address)
    if not PAGES.fullmatch(parts.path) or parts.scheme or parts.netloc or parts.fragment:
        raise ArgumentError(f"{address!r:.80} has no saved views: /jobs, /failures and /projects/ID/keywords have some.")
    query = filters_of(parts.query)
    if not query:
        raise ArgumentError("there is nothing to save: set a filter first.")
    return parts.path, query


def filters_of(query: str) -> str:
    """The filters of a query, in order, without what is none. Raises ArgumentError for too many."""
    try:
        pairs = parse_qsl(query, max_num_fields=MOST_FILTERS)
    except ValueError:
        raise ArgumentError(f"a view holds {MOST_FILTERS} filters at most.") from None
    kept = [(name, value) for name, value in pairs if FILTER.fullmatch(name) and not NO_FILTER.fullmatch(name)]
    return urlencode(sorted(kept))


def _parts(address: str) -> Any:
    try:
        if len(address) > LONGEST_ADDRESS or UNPRINTABLE.search(address):
            raise ValueError
        return urlsplit(address)
    except ValueError:
        raise ArgumentError(f"the address of a view must be at most {LONGEST_ADDRESS:,} characters on one line.") from None


def _view(view_id: str, facts: dict[str, Any], for_all: bool) -> View:
    name, path, query = (str(facts.get(name, "")) for name in ("name", "path", "query"))
    made_s = facts.get("made_s")
    made_at = datetime.fromtimestamp(made_s if isinstance(made_s, int) else 0, UTC)
    return View(view_id, name, path, query, for_all, str(facts.get("actor", "")), made_at)
