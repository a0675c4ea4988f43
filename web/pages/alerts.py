"""Alerts: what is wrong now and was, who is told and whether that works, the rules, and a silence for a time."""

from flask import Flask, Response, request

import wording
from topics.alerts import delivering, telling, views
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import filters, frame, tables
from web.pages.filters import Filter
from web.pages.tables import Column, Row

COLUMNS = (
    Column("title", "What"),
    Column("state", "State", "pending: it is not told yet, as it may pass."),
    Column("grade", "Grade"),
    Column("since", "Since"),
    Column("closed_at", "Over"),
    Column("says", "Why"),
    Column("fix", "What mends it"),
    Column("id", "Id"),
)

TARGETS = (
    Column("name", "Who"),
    Column("state", "Last message"),
    Column("last_at", "When"),
    Column("waiting", "Waiting", numeric=True),
    Column("says", "What it said"),
)

RULES = (
    Column("rule", "Rule"),
    Column("says", "Looks at"),
    Column("on", "On"),
    Column("grade", "Grade"),
    Column("for_min", "Told after, min", numeric=True),
    Column("clear_min", "Over after, min", numeric=True),
    Column("figures", "Figures"),
)

STATE = Filter("state", "Alerts", (("open", "open now"), ("closed", "over"), ("all", "all")))

#: Lengths of a silence (s).
LENGTHS = tuple((str(length_s), wording.duration(length_s)) for length_s in (1800, 3600, 7200, 28_800, 86_400, 604_800))


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/alerts", "alerts_page", alerts_page)
    app.add_url_rule("/alerts/test", "alerts_test", test, methods=["POST"])
    app.add_url_rule("/alerts/quiet", "alerts_quiet", quiet, methods=["POST"])


@access.needs(Role.VIEWER)
def alerts_page() -> Response:
    """All of it."""
    state = filters.values([STATE])["state"] or "open"
    found: list[Row] = [views.facts(one) for one in views.listed(state, whole=access.may_see(""))]
    standing = views.standing()
    made: dict[str, tuple[tuple[Column, ...], list[Row], str, str]] = {
        "alerts": (COLUMNS, found, "Alerts", "Nothing is wrong." if state == "open" else "Nothing was."),
        "targets": (TARGETS, [_target(one) for one in standing.targets], "Who is told", NOBODY),
        "rules": (RULES, _rules() if not standing.problem else [], "Rules", standing.problem),
    }
    for name, (columns, rows, _, _) in made.items():
        if file := tables.wanted_file(name, columns, tables.all_at_once(rows)):
            return file
    shown = {
        name: tables.make(name, caption, columns, tables.all_at_once(rows), empty)
        for name, (columns, rows, caption, empty) in made.items()
    }
    return frame.show(
        "alerts.html", "Alerts", tables=shown, standing=standing, filters=filters.shown([STATE]), lengths=LENGTHS, typed={}
    )


NOBODY = "Nobody is told: set ALERT_URLS, or add a webhook that wants alert.opened with `python manage.py webhook add`."


def _target(one: views.Told) -> Row:
    return {name: getattr(one, name) for name in ("name", "state", "last_at", "waiting", "says")}


def _rules() -> list[Row]:
    return [
        {
            **one,
            "on": "yes" if one["enabled"] else "no",
            "figures": ", ".join(f"{name} {value}" for name, value in one["figures"].items()),
        }
        for one in views.rule_rows()
    ]


@access.needs(Role.ADMIN)
def test() -> Response:
    """Send a test to every target."""
    found = delivering.test_targets()
    says = "; ".join(f"{name}: {'ok' if sent.ok else f'failed ({sent.says})'}" for _, name, sent in found)
    return frame.done("/alerts", says or "There is no target.")


@access.needs(Role.ADMIN)
def quiet() -> Response:
    """Be quiet for a time, or tell again."""
    length = request.form.get("for_s", "")
    if not length:
        telling.tell_again()
        return frame.done("/alerts", "Alerts are told again.")
    if length not in dict(LENGTHS):
        raise Problem(422, f"for_s {length!r:.20} is none of the lengths to choose from.")
    made = telling.be_quiet(float(length), request.form.get("note", ""), access.caller().name)
    return frame.done("/alerts", f"Nothing is told until {made.until:%Y-%m-%d %H:%M} UTC; what happens meanwhile is told then.")
