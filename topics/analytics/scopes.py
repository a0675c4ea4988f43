"""Whose companies are counted, and which: read from Redis a chunk at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import chunks
import errors
import queues
from lead_models import Company
from state.leads import companies
from state.store import connection
from topics.access import api_keys
from topics.access.roles import Role

#: Companies that a request may name, and companies in memory at a time.
MOST_IDS, CHUNK = 10_000, 500


@dataclass(frozen=True, slots=True)
class Scope:
    """Companies of an owner ("" = nobody's, None = everybody's); `ids`: only these, None = all."""

    owner: str | None
    ids: tuple[str, ...] | None = None

    def chunks(self) -> Iterator[Sequence[Company]]:
        """The companies in the order of their ids. What is not there, or another's, is left out."""
        if self.ids is None:
            yield from companies.walk(self.owner, CHUNK)
            return
        for some in chunks.of(self.ids, CHUNK):
            yield [one for one in companies.get(some, self.owner) if one is not None]

    def size(self) -> int:
        """About how many there are."""
        return companies.count(self.owner) if self.ids is None else len(self.ids)


def of(owner: str | None, ids: Sequence[str] | None) -> Scope:
    """A scope, each company once. Raises ArgumentError for no ids, or too many."""
    if ids is None:
        return Scope(owner)
    if not 1 <= len(ids) <= MOST_IDS:
        raise errors.ArgumentError(
            f"company_ids names 1 to {MOST_IDS:,} companies, not {len(ids):,}. Left out, all of them count."
        )
    return Scope(owner, tuple(sorted(set(ids))))


def whose() -> str | None:
    """Whose companies the job that runs may count: those of the key that submitted it; None = everybody's, for people, commands
    and the keys of admins. It is no argument of the job: whoever runs it again with others sees his own.
    """
    owner = queues.current_owner()
    if not owner:
        return None
    try:
        return None if api_keys.get(owner).role is Role.ADMIN else owner
    except errors.NotFound:
        return owner


class Progress:
    """Says how many companies were read: to the job, and to `also`, for whoever waits before a terminal."""

    def __init__(self, scope: Scope, also: Callable[[int], None] | None = None) -> None:
        self._also = also
        with connection.errors_translated():
            self._total = scope.size()

    def __call__(self, done: int) -> None:
        """So many were read."""
        queues.progress(done, max(done, self._total), "companies read")
        if self._also:
            self._also(done)
