"""Budgets: which month is in force."""

from datetime import datetime

from state.store import connection, keys

MONTH_TTL_S = 400 * 86400


def begin_month(month: str, at: datetime) -> bool:
    """Note that the budgets of a month (YYYY-MM) began; says whether they had not yet. Safe to repeat: the first time stands."""
    return bool(connection.client().set(keys.budget_month(month), at.isoformat(), ex=MONTH_TTL_S, nx=True))


def month_began(month: str) -> datetime | None:
    """When the budgets of a month began; None = they did not."""
    value = connection.client().get(keys.budget_month(month))
    return datetime.fromisoformat(value.decode()) if value else None
