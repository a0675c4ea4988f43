"""Alerts: what is wrong now, who is told of it, by which rules, and when it is quiet."""

from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from topics.alerts import delivering, telling, views
from web import access
from web.access import Role, needs
from web.answers import Listed, Moment, Reply, listed, reply
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "alerts",
    __name__,
    url_prefix="/api/v1/alerts",
    abp_tags=[Tag(name="alerts", description="What is wrong, and who is told of it.")],
    abp_responses=RESPONSES,
)


class AlertPath(Strict):
    """One alert."""

    alert_id: str = Field(max_length=300, description="Its id; the key of one that is pending.")


class AlertsQuery(Strict):
    """Which alerts."""

    state: Literal["open", "closed", "all"] = Field("open", description="open: what is wrong now, also what is not told yet.")
    project: str = Field("", max_length=60)
    limit: int = Field(100, ge=1, le=1000)


class AlertView(Reply):
    """Something that is or was wrong. `times`: how often it opened within six hours of its last end."""

    id: str = Field(description="Empty while it is pending.")
    key: str
    rule: str
    state: str = Field(description="pending, open or closed")
    grade: str = Field(description="warning or critical")
    title: str
    says: str
    fix: str
    lines: list[str]
    project: str
    note: str
    times: int
    since: Moment | None
    opened_at: Moment | None
    closed_at: Moment | None


class TargetView(Reply):
    """Somebody who is told; never an address. `state`: ok, failing, given up or nothing yet."""

    id: str
    name: str
    state: str
    says: str
    waiting: int
    last_at: Moment | None


class SilenceView(Reply):
    """Nothing is told until then."""

    until: Moment
    note: str
    actor: str


class StandingView(Reply):
    """How alerts stand. `problem`: why nobody can look or be told. `untold`: events that wait for a message."""

    looked_at: Moment | None
    is_quiet: bool
    silence: SilenceView | None
    untold: int
    problem: str
    targets: list[TargetView]


class RuleView(Reply):
    """A rule: on, its grade, after how many minutes it is told and over, and its own figures."""

    rule: str
    says: str
    enabled: bool
    grade: str
    for_min: float
    clear_min: float
    figures: dict[str, Any]


class SentView(Reply):
    """What came of a test at a target."""

    id: str
    name: str
    ok: bool
    says: str


class QuietBody(Strict):
    """For how long."""

    for_s: float = Field(ge=60, le=telling.LONGEST_S, description="Seconds.")
    note: str = Field("", max_length=telling.MAX_NOTE)


@api.get("", responses={200: Listed[AlertView]})
def list_alerts(query: AlertsQuery) -> Response:
    """List what is wrong now, or was in the last 90 days; the gravest first. A key sees none about jobs of others."""
    found = views.listed(query.state, whole=access.may_see(""), project=query.project, most=query.limit)
    return listed(Listed[AlertView], map(views.facts, found))


@api.get("/standing", responses={200: StandingView})
def show_alert_standing() -> Response:
    """Show when somebody looked last, who is told and whether that works, and whether it is quiet."""
    return reply(StandingView, views.standing())


@api.get("/rules", responses={200: Listed[RuleView]})
def list_alert_rules() -> Response:
    """List the rules as they are now."""
    return listed(Listed[RuleView], views.rule_rows())


@api.get("/<alert_id>", responses={200: AlertView})
def show_alert(path: AlertPath) -> Response:
    """Show one alert."""
    return reply(AlertView, views.facts(views.find(path.alert_id, whole=access.may_see(""))))


@api.post("/test", responses={200: Listed[SentView]})
@needs(Role.ADMIN)
def test_alerts() -> Response:
    """Send a test to every target and webhook now; says what each did. It takes at most ALERT_TIMEOUT a target."""
    found = delivering.test_targets()
    return listed(
        Listed[SentView], [{"id": target, "name": name, "ok": sent.ok, "says": sent.says} for target, name, sent in found]
    )


@api.put("/quiet", responses={200: StandingView})
@needs(Role.ADMIN)
def quiet_alerts(body: QuietBody) -> Response:
    """Tell nothing for so long; what happens meanwhile is told afterwards, as one. Safe to repeat."""
    telling.be_quiet(body.for_s, body.note, access.caller().name)
    return reply(StandingView, views.standing())


@api.delete("/quiet", responses={200: StandingView})
@needs(Role.ADMIN)
def end_quiet_alerts() -> Response:
    """End the silence. Safe to repeat."""
    telling.tell_again()
    return reply(StandingView, views.standing())
