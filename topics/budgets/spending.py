"""Spending: reserved before a paid step, settled after it, released where nothing was spent."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import clock
from errors import NotNow, WrongState
from state.budgets import reservations
from state.budgets.reservations import Amount
from topics.budgets import scopes as names

log = logging.getLogger("trawl.budgets")

#: A reservation ends by itself after so long (s): longer than any paid step may take.
LEASE_S = 900

#: Where only reservations of others stand in the way, one looks again after so long (s).
LOOK_AGAIN_S = 30


class Held:
    """An open reservation. `ask` comes before the step that is paid for; `settle` ends it with what that did cost."""

    def __init__(self, reserved: reservations.Held, purpose: str, key: str) -> None:
        self._reserved, self._fields = reserved, {"kind": "settle", "purpose": purpose[:100], "key": key[:200]}
        self.is_open, self.is_asked = True, False

    def ask(self) -> None:
        """Note that the step is about to be asked for. Where this process dies from now on, the whole bound is charged.

        Safe to repeat. Raises NotNow where the lease is over: then nothing is reserved any more.
        """
        if self.is_asked or not self.is_open:
            return
        if not reservations.ask(self._reserved, self._fields["purpose"], self._fields["key"]):
            raise NotNow(clock.now() + timedelta(seconds=LOOK_AGAIN_S), "its reservation of money ended before it was used")
        self.is_asked = True

    def settle(self, *, micro_usd: int = 0, credits: names.Number = 0) -> None:
        """Charge what it did cost, nothing where that is nothing. Raises WrongState where it was settled before."""
        if not self.is_open:
            raise WrongState("This reservation is over: a step is settled once.")
        cost = names.amount(micro_usd, credits)
        self.is_open = False
        if cost == Amount():
            reservations.release(self._reserved)
            return
        for scope, percent in reservations.settle(self._reserved, cost, self._fields):
            log.warning("A budget is used up to %d %%", percent, extra={"scope": scope, "percent": percent})

    def release(self) -> None:
        """End it without a charge. Safe to repeat."""
        if self.is_open:
            self.is_open = False
            reservations.release(self._reserved)


@contextmanager
def reserved(
    *scopes: str, micro_usd: int = 0, credits: names.Number = 0, purpose: str = "llm", key: str = "", lease_s: float = LEASE_S
) -> Iterator[Held]:
    """Reserve an upper bound in `system` and these scopes; the block settles it, or it is released.

    The block calls `ask` right before the paid step. `purpose` and `key` (such as the id of a job) stand in the ledger.

    Raises NotNow where a limit would be passed: until the month turns, or until others settle what they hold. Raises
    ArgumentError for what is no scope or amount.
    """
    bound = names.amount(micro_usd, credits)
    found = reservations.reserve(names.with_system(scopes), bound, lease_s)
    if isinstance(found, reservations.Full):
        raise _refusal(found)
    held = Held(found, purpose, key)
    try:
        yield held
    finally:
        held.release()


def reasons(scope: str) -> tuple[str, str]:
    """Why a job is parked for a budget: it is used up; it is held by others."""
    return f"budget_exhausted: {scope}", f"budget_exhausted: {scope}, held by jobs that run"


def _refusal(full: reservations.Full) -> NotNow:
    used_up, held = reasons(full.scope)
    if full.spent + full.wanted <= full.limit:
        wait_s = min(LOOK_AGAIN_S, full.lease_in_s if full.lease_in_s is not None else LOOK_AGAIN_S)
        return NotNow(clock.now() + timedelta(seconds=max(1.0, wait_s)), held)
    if full.is_new:
        figures = {"limit": full.limit, "spent": full.spent, "wanted": full.wanted, "unit": full.unit}
        log.warning("A budget is used up", extra={"scope": full.scope, "percent": 100, **figures})
    return NotNow(full.period.ends_at, used_up)
