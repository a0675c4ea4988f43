"""What the account at the SERP provider held when somebody asked it last."""

import json
from dataclasses import dataclass
from datetime import datetime

import clock
from state.store import connection, keys

#: So long (s) an answer is told: it says when it was given.
TTL_S = 86_400


@dataclass(frozen=True, slots=True)
class Credits:
    """Credits that are left, of how many a month, and what a page costs; in the provider's own unit."""

    provider: str
    remaining: float
    monthly: float
    page: float
    at: datetime

    @property
    def share_left(self) -> float | None:
        """The part that is left; None where the provider names no month."""
        return self.remaining / self.monthly if self.monthly else None


def keep(provider: str, remaining: float, monthly: float, page: float) -> None:
    """Write down what the provider said now."""
    told = {"provider": provider, "remaining": remaining, "monthly": monthly, "page": page, "at": clock.now().isoformat()}
    connection.client().set(keys.CREDITS, json.dumps(told), ex=TTL_S)


def latest() -> Credits | None:
    """What it said last; None where nobody asked it in the last day. One command."""
    try:
        told = json.loads(connection.client().get(keys.CREDITS) or b"null")
        at = datetime.fromisoformat(told["at"]) if told else None
        return Credits(told["provider"], told["remaining"], told["monthly"], told["page"], at) if at else None
    except (ValueError, KeyError, TypeError, connection.ResponseError):  # somebody broke it
        return None
