"""API keys as rows: what each may do and what it used, and the filters of their list."""

from collections.abc import Sequence
from typing import Any

from topics.access import quotas
from topics.access.api_keys import Key
from topics.access.roles import WORDS
from web.pages.filters import Filter
from web.pages.tables import Column

COLUMNS = (
    Column("name", "Name"),
    Column("id", "Id"),
    Column("role", "Role"),
    Column("state", "State"),
    Column("used_at", "Last used", "to a minute or so"),
    Column("rate", "Rate", "requests a minute; none of its own: the setting KEY_RATE", numeric=True),
    Column("fetched", "Fetched this month", "pages", numeric=True),
    Column("reserved", "Reserved", "pages of this month for jobs that are not over", numeric=True),
    Column("quota", "Quota of a month", "pages", numeric=True),
    Column("made_at", "Made"),
    Column("expires_at", "Expires"),
)

STATES = ("valid", "expired", "revoked")

FILTERS = (
    Filter("state", "State", [("", "valid and expired"), *((one, one) for one in STATES)]),
    Filter("role", "Role", [("", "all"), *((one, one) for one in WORDS)]),
    Filter("text", "Name holds"),
)


def state_of(key: Key) -> str:
    """valid, expired or revoked."""
    return "revoked" if key.revoked_at else "valid" if key.is_valid else "expired"


def fits(key: Key, wanted: dict[str, str]) -> bool:
    """Whether a key is wanted by the filters."""
    state = state_of(key)
    return (
        (state == wanted["state"] if wanted["state"] else state != "revoked")
        and wanted["role"] in ("", key.role.word)
        and wanted["text"].casefold() in key.name.casefold()
    )


def of(found: Sequence[Key]) -> list[dict[str, Any]]:
    """A row for each key, with what it used this month."""
    used = quotas.of_many({key.id: key.pages_a_month for key in found})
    return [{**_facts(key), **_used(used[key.id])} for key in found]


def _facts(key: Key) -> dict[str, Any]:
    facts = {name: getattr(key, name) for name in ("id", "name", "rate", "made_at", "expires_at", "revoked_at", "used_at")}
    return {**facts, "role": key.role.word, "state": state_of(key)}


def _used(found: quotas.Quota) -> dict[str, Any]:
    return {"fetched": found.fetched, "reserved": found.reserved, "quota": found.limit, "left": found.left}
