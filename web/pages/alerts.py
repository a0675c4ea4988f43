"""Alerts: what is wrong now and was, who is told and whether that works, and the rules."""

from flask import Flask, Response

from topics.alerts import views
from web import access
from web.access import Role
from web.pages import alert_changes, alert_rules, filters, frame, tables
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

STATE = Filter("state", "Alerts", (("open", "open now"), ("closed", "over"), ("all", "all")))


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/alerts", "alerts_page", alerts_page)


@access.needs(Role.VIEWER)
def alerts_page() -> Response:
    """All of it."""
    state = filters.values([STATE])["state"] or "open"
    found: list[Row] = [views.facts(one) for one in views.listed(state, whole=access.may_see(""))]
    standing = views.standing()
    made: dict[str, tuple[tuple[Column, ...], list[Row], str, str]] = {
        "alerts": (COLUMNS, found, "Alerts", "Nothing is wrong." if state == "open" else "Nothing was."),
        "targets": (TARGETS, [_target(one) for one in standing.targets], "Who is told", NOBODY),
        "rules": (alert_rules.COLUMNS, alert_rules.of() if not standing.problem else [], "Rules", standing.problem),
    }
    for name, (columns, rows, _, _) in made.items():
        if file := tables.wanted_file(name, columns, tables.all_at_once(rows)):
            return file
    shown = {
        name: tables.make(name, caption, columns, tables.all_at_once(rows), empty)
        for name, (columns, rows, caption, empty) in made.items()
    }
    return frame.show(
        "alerts.html",
        "Alerts",
        tables=shown,
        standing=standing,
        filters=filters.shown([STATE]),
        lengths=alert_changes.LENGTHS,
        typed={},
    )


NOBODY = "Nobody is told: set ALERT_URLS, or add a webhook that wants alert.opened with `python manage.py webhook add`."


def _target(one: views.Told) -> Row:
    return {name: getattr(one, name) for name in ("name", "state", "last_at", "waiting", "says")}
