"""Webhooks: who is told what becomes of jobs, how that goes, each delivery with what was answered; tests, and sending again."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, request

from errors import TrawlError
from state.webhooks.endpoints import Endpoint
from topics.operations import limits
from topics.webhooks import endpoints, past, sending, views
from web import access, budget, seen
from web.access import Role
from web.errors import Problem
from web.pages import frame, lists, refusals, secrets, tables
from web.pages.filters import Filter, shown, values
from web.pages.tables import Column, Part

COLUMNS = (
    Column("name", "Name"),
    Column("url", "Address", "without what may be secret in it"),
    Column("state", "State"),
    Column("events", "Told of"),
    Column("kinds", "Of kinds"),
    Column("waiting", "Waiting now", "deliveries that were not made yet", numeric=True),
    Column("last", "Last outcome"),
    Column("delivered", "Delivered", "since it was added", numeric=True),
    Column("given_up", "Given up", "since it was added", numeric=True),
)

DELIVERIES = (
    Column("created_at", "Made"),
    Column("type", "Event"),
    Column("job_id", "Of"),
    Column("status", "State"),
    Column("tries", "Tries", numeric=True),
    Column("next_try_at", "Next try"),
    Column("attempts", "What it answered"),
    Column("id", "Delivery"),
)

EMPTY = "There is no webhook: add one below, or by `python manage.py webhook add URL --name NAME`."
NEVER = "It was told nothing in the last eight days: send it a test."

FILTERS = (
    Filter("state", "State", [("", "all"), ("on", "on"), ("failing", "failing"), ("off", "off")]),
    Filter("job", "Came with the job", hint="id of a job, batch or crawl"),
)


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/webhooks", "webhooks_page", webhooks_page)
    app.add_url_rule("/webhooks", "webhooks_add", add, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>", "webhook_page", webhook_page)
    app.add_url_rule("/webhooks/<webhook_id>/test", "webhooks_test", test, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>/on", "webhooks_on", switch_on, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>/off", "webhooks_off", switch_off, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>/remove", "webhooks_remove", remove, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>/resend", "webhooks_resend", resend, methods=["POST"])


@access.needs(Role.VIEWER)
def webhooks_page() -> Response:
    """The standing webhooks, or those that came with a job."""
    return _page()


def _page(problem: Problem | None = None) -> Response:
    wanted = values(FILTERS)
    found = [one for one in seen.webhooks(wanted["job"]) if wanted["state"] in ("", state_of(one))]
    read = lists.part_of(found, lambda one: one.id, _rows)
    if file := tables.wanted_file("webhooks", COLUMNS, read):
        return file
    empty = "No webhook fits these filters." if any(wanted.values()) else EMPTY
    return frame.show(
        "webhooks.html",
        "Webhooks",
        status=problem.status if problem else 200,
        found=tables.make("webhooks", "Who is told what becomes of jobs", COLUMNS, read, empty),
        filters=shown(FILTERS),
        events=endpoints.EVENTS,
        chosen=request.form.getlist("events") or endpoints.ENDS,
        kinds=limits.kinds(),
        problem=problem,
        typed=request.form,
    )


def state_of(one: Endpoint) -> str:
    """on, failing or off."""
    return "off" if one.off else "failing" if one.number("failures") else "on"


def _rows(found: Sequence[Endpoint]) -> list[dict[str, Any]]:
    return [{**one, "last": last_of(one)} for one in views.endpoints(found)]


def last_of(told: dict[str, Any]) -> str:
    """What came of the last delivery, in a word."""
    if told["failures_in_a_row"]:
        return f"failed, {told['failures_in_a_row']} in a row"
    return "delivered" if told["last_delivered_at"] else "none yet"


@access.needs(Role.OPERATOR)
def add() -> Response:
    """Add a standing webhook; the reply shows its secret, this once."""
    form = request.form
    try:
        wanted = Endpoint(
            "",
            form.get("url", "").strip(),
            form.get("name", "").strip(),
            form.get("style", "trawl"),
            tuple(form.getlist("events")),
            tuple(one for one in form.getlist("kinds") if one),
            owner=seen.owner_of_new_webhook(),
        )
        made, secret = endpoints.add(wanted)
    except TrawlError as exc:
        return _page(refusals.of(exc))
    says = f"It signs what the webhook {made.name} is sent: whoever gets it checks the signature by it."
    return secrets.show(f"The secret of {made.name}", says, secret, f"/webhooks/{made.id}", "To the webhook")


@access.needs(Role.VIEWER)
def webhook_page(webhook_id: str) -> Response:
    """One webhook with its deliveries."""
    one = seen.webhook(webhook_id)

    def read(limit: int, cursor: str) -> Part:
        found = past.latest(limit, endpoint_id=one.id, after=cursor)
        return Part([views.delivery(each) for each in found], found[-1].id if len(found) == limit else "")

    if file := tables.wanted_file("deliveries", DELIVERIES, read):
        return file
    table = tables.make("deliveries", "What it was told in the last eight days, the newest first", DELIVERIES, read, NEVER)
    told = views.endpoint(one)
    return frame.show("webhook.html", f"Webhook {one.name or one.id}", told=told, last=last_of(told), found=table)


@access.needs(Role.OPERATOR)
def test(webhook_id: str) -> Response:
    """Send it a test now."""
    one = seen.webhook(webhook_id)
    with budget.waiting():
        told = views.attempt(sending.test(one))
    reply = f" It answered: {told['reply']:.200}" if told["reply"] else ""
    outcome = "The test was delivered" if told["ok"] else "The test failed"
    return frame.done(f"/webhooks/{one.id}", f"{outcome} in {told['ms']:,} ms: {told['message']}.{reply}")


@access.needs(Role.OPERATOR)
def switch_on(webhook_id: str) -> Response:
    """Tell it again, with what waits."""
    endpoints.switch(seen.webhook(webhook_id).id, True)
    return frame.done(f"/webhooks/{webhook_id}", "It is told again, at once and with what waits for it.")


@access.needs(Role.OPERATOR)
def switch_off(webhook_id: str) -> Response:
    """Tell it nothing any more."""
    endpoints.switch(seen.webhook(webhook_id).id, False, f"switched off by {access.caller().name}")
    return frame.done(f"/webhooks/{webhook_id}", "It is told nothing any more. What waits for it waits until it is switched on.")


@access.needs(Role.OPERATOR)
def remove(webhook_id: str) -> Response:
    """Forget it, with what it was still to be told."""
    one = seen.webhook(webhook_id)
    if not frame.is_confirmed():
        waits = views.endpoint(one)["waiting"]
        says = f"The webhook {one.name or one.id} is removed, with its secret and its {waits:,} deliveries that wait now."
        action, back = f"/webhooks/{one.id}/remove", f"/webhooks/{one.id}"
        return frame.confirm("Remove a webhook", says, action, button="Remove it", back=back)
    endpoints.remove(one.id)
    return frame.done("/webhooks", f"The webhook {one.name or one.id} is removed.")


@access.needs(Role.OPERATOR)
def resend(webhook_id: str) -> Response:
    """Send a delivery again."""
    found = past.find(request.form.get("delivery", ""), seen.webhook(webhook_id).id)
    past.resend(found)
    return frame.done(f"/webhooks/{webhook_id}", f"The delivery {found.id} is sent again, under its id.")
