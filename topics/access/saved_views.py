"""Saved views: the filters of a list under a name, for oneself or for all. Only filters of pages of ours are kept."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import clock
from errors import NotAllowed, NotFound
from state.access import saved_views as stored
from state.store import connection
from topics.access import view_addresses

#: Who owns the views that everybody sees.
EVERYBODY = "all"


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
    path, query = view_addresses.checked(address)
    name = view_addresses.checked_name(name)
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


def _view(view_id: str, facts: dict[str, Any], for_all: bool) -> View:
    name, path, query = (str(facts.get(name, "")) for name in ("name", "path", "query"))
    made_s = facts.get("made_s")
    made_at = datetime.fromtimestamp(made_s if isinstance(made_s, int) else 0, UTC)
    return View(view_id, name, path, query, for_all, str(facts.get("actor", "")), made_at)
