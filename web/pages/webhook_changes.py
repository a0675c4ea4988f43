"""What is done with webhooks: one added, tested, switched on or off, removed; a delivery sent again."""

from flask import Flask, Response, request

from errors import TrawlError
from state.webhooks.endpoints import Endpoint
from topics.webhooks import endpoints, past, sending, views
from web import access, budget, seen
from web.access import Role
from web.pages import frame, refusals, secrets, webhooks


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/webhooks", "webhooks_add", add, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>/test", "webhooks_test", test, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>/on", "webhooks_on", switch_on, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>/off", "webhooks_off", switch_off, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>/remove", "webhooks_remove", remove, methods=["POST"])
    app.add_url_rule("/webhooks/<webhook_id>/resend", "webhooks_resend", resend, methods=["POST"])


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
        return webhooks.page_of_all(refusals.of(exc))
    says = f"It signs what the webhook {made.name} is sent: whoever gets it checks the signature by it."
    return secrets.show(f"The secret of {made.name}", says, secret, f"/webhooks/{made.id}", "To the webhook")


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
