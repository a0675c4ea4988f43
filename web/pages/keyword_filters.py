"""The filters of a project's keyword list, as fields of its page and as what the list takes."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pydantic import ValidationError

from state.tracking import history
from topics.operations import keyword_filters, keyword_orders
from topics.operations.keyword_filters import Wanted
from web import errors
from web.api.keyword_models import Filters
from web.pages.filters import Filter

BANDS = {"1-3": (1, 3), "4-10": (4, 10), "11-20": (11, 20), "21-100": (21, 100)}

ANY = (("", "any"),)
YES_OR_NO = (*ANY, ("true", "yes"), ("false", "no"))

#: Why a rank can be unknown; "unknown" itself is none of them.
REASONS = tuple((reason, reason) for reason in history.REASONS[1:])

MOVED = {
    "up": "won places",
    "down": "lost places",
    "new": "found again or first",
    "lost": "not found any more",
    **{f"entered_{top}": f"entered the top {top}" for top in keyword_filters.TOPS},
    **{f"left_{top}": f"left the top {top}" for top in keyword_filters.TOPS},
}

ORDERS = {
    "rank": "rank, best first",
    "-rank": "rank, worst first",
    **{f"-change_{days}": f"places won in {days} d" for days in (1, 7, 30)},
    **{f"change_{days}": f"places lost in {days} d" for days in (1, 7, 30)},
    "-volume": "searches, most first",
    "volume": "searches, fewest first",
    "text": "keyword, a to z",
    "-text": "keyword, z to a",
}

FILTERS = (
    Filter("text", "Keyword holds"),
    Filter("tag", "Tag"),
    Filter("state", "State", (*ANY, ("ranked", "ranked"), ("not_found", "not found"), ("unknown", "unknown"))),
    Filter("band", "Rank", (*ANY, *((name, name.replace("-", "–")) for name in BANDS))),
    Filter("moved", "Moved", (*ANY, *MOVED.items())),
    Filter("days", "In days", kind="number", hint="7"),
    Filter("best", "From rank", kind="number"),
    Filter("worst", "To rank", kind="number"),
    Filter("reason", "Unknown because", (*ANY, *REASONS)),
    Filter("failing", "Last check failed", YES_OR_NO),
    Filter("wrong_page", "Wrong page", YES_OR_NO),
    Filter("url", "Address holds"),
    Filter("feature", "Page shows", (*ANY, *((name, name.replace("_", " ")) for name in keyword_filters.FEATURES))),
    Filter("archived", "Archived", (("", "no"), ("true", "only"), ("all", "too"))),
)

SORT = Filter("sort", "Sorted by", (("", "as stored"), *((name, ORDERS[name]) for name in keyword_orders.SORTS)))


def wanted(values: Mapping[str, str]) -> Wanted:
    """What the fields say. Raises Problem for what cannot be meant."""
    given: dict[str, Any] = {name: value for name, value in values.items() if value and name in Filters.model_fields}
    given |= {"contains": values["text"]} if values.get("text") else {}
    if band := BANDS.get(values.get("band", "")):
        given["best"] = max(band[0], _number(given.get("best"), 1))
        given["worst"] = min(band[1], _number(given.get("worst"), band[1]))
    try:
        return Filters.model_validate(given).wanted()
    except ValidationError as exc:
        errors.refuse_fields(exc)


def packed(values: Mapping[str, str]) -> str:
    """The fields that are set, as the text that a form sends along and an address holds."""
    return urlencode({one.name: values[one.name] for one in FILTERS if values.get(one.name)})


def unpacked(text: str) -> dict[str, str]:
    """The same back. Raises Problem for anything else: with a filter left out, a change would meet more than was shown."""
    found, names = parse_qsl(text, keep_blank_values=True), {one.name for one in FILTERS}
    if strange := next((name for name, _ in found if name not in names), None):
        raise errors.Problem(422, f"{strange!r:.60} is no filter of keywords: go back, and choose again.")
    if len(dict(found)) != len(found) or not all(value for _, value in found) or (text and not found):
        raise errors.Problem(422, "The filters of this form are not whole: go back, and choose again.")
    return dict(found)


def _number(text: Any, otherwise: int) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 4 else otherwise
