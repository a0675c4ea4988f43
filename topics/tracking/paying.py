"""What checks pay for: credits of the provider, from the budgets of the system and of a project, where one has a limit.

Where none has, nothing is reserved and nothing is asked: one look every two seconds says so for a process.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

import config
import models
from clients import serp as providers
from errors import Interruption, TrawlError
from state.budgets import limits
from state.engine import hourly
from topics import budgets
from topics.tracking import check

SYSTEM, KIND = "system", "serp"

#: One request may take so long (s): its free retries, and the wait for a slot. A reservation outlives them all.
REQUEST_S = 240

#: Hours of which checks are measured.
MEASURED_HOURS = 24


class Bill:
    """Who pays for the requests of one check. `scope`: beside the system; '' = the system alone."""

    def __init__(self, provider: providers.Provider, scope: str, key: str) -> None:
        self._scopes = [scope] if scope else []
        self._key = key
        self._purpose = "serp, invented" if provider.is_sandbox else "serp"
        self._page = Decimal(str(providers.page_credits(provider.name)))

    def told(self, replies: Iterable[models.SerpReply]) -> Decimal:
        """What replies did cost, as they say; one that does not say is charged as the price list has it."""
        return sum((self._page if one.cost is None else Decimal(str(one.cost)) for one in replies), Decimal(0))

    @contextmanager
    def pages(self, count: int, told: Callable[[], Decimal]) -> Iterator[None]:
        """Fetch so many pages at most in the block; `told` says what the replies did cost. Raises NotNow without budget."""
        with self._paid(self._page * count, told, REQUEST_S * (count + 1)):
            yield

    @contextmanager
    def link(self) -> Iterator[None]:
        """Ask for the target of one opaque link in the block. Raises NotNow without budget."""
        with self._paid(Decimal(str(providers.LINK_CREDITS)), Decimal, REQUEST_S):
            yield

    @contextmanager
    def _paid(self, bound: Decimal, told: Callable[[], Decimal], lease_s: float) -> Iterator[None]:
        if not limits.limits_credits([SYSTEM, *self._scopes]):
            yield
            return
        reserved = budgets.reserved(*self._scopes, credits=bound, purpose=self._purpose, key=self._key, lease_s=lease_s)
        with reserved as held, providers.metered(held.ask) as counted:
            charged, lost = 0.0, Decimal(0)
            try:
                yield
            except (TrawlError, check.CheckFailed) as exc:
                charged = (exc.error if isinstance(exc, check.CheckFailed) else exc).cost_credits or 0.0
                raise
            except Interruption:
                lost = self._page if counted.is_waiting else lost  # the provider works on, and is paid
                raise
            finally:
                held.settle(credits=max(_sum(counted.costs), told() + _sum([charged])) + lost)


def price(pages: int, project_ids: Sequence[str]) -> dict[str, float | bool | None]:
    """What so many pages cost at most: `credits_at_most`; `credits_left`: the least that a budget leaves, None = no limit."""
    bound = providers.page_credits(config.settings().serp_provider) * pages
    scopes = [SYSTEM, *(f"project:{project_id}" for project_id in project_ids)]
    found = [left for one in budgets.of(scopes) if (left := one.milli_credits.left) is not None]
    credits_left = min(found) / 1000 if found else None
    return {"credits_at_most": bound, "credits_left": credits_left, "is_enough": credits_left is None or credits_left >= bound}


def lasting(checks: int, deepest: int) -> dict[str, float | None]:
    """How long so many checks take, of so many pages at most each, that run as many at a time as SERP_CONCURRENCY lets.

    `seconds_expected`: as the checks of the last day took, None = there were none; `seconds_at_most`: where each request takes
    all of REQUEST_TIMEOUT. What they wait for before they begin is in neither.
    """
    settings = config.settings()
    waves = -(-checks // settings.serp_concurrency)
    took_ms = hourly.total(hourly.latest(MEASURED_HOURS)).average_ms("finished", kind=KIND)
    expected = None if took_ms is None else round(waves * took_ms / 1000, 1)
    return {"seconds_expected": expected, "seconds_at_most": waves * deepest * settings.request_timeout}


def _sum(costs: Sequence[float]) -> Decimal:
    """Their sum, to the last digit that the provider wrote."""
    return sum((Decimal(str(cost)) for cost in costs), Decimal(0))
