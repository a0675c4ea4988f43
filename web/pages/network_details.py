"""One network: its forms, what changed since; a discovery at the press of a button, and its removal."""

from typing import Any

from flask import Flask, Response

from topics.forms import networks, submitting, views
from web import access, seen_networks
from web.access import Role
from web.pages import forms as forms_page
from web.pages import frame, tables
from web.pages.tables import Column, Part

FORMS = (
    Column("id", "Page", numeric=True),
    Column("url", "Address"),
    Column("state", "State"),
    Column("form_type", "Type of form"),
    Column("method", "Method"),
    Column("fields", "Fields"),
    Column("captcha", "Captcha"),
    Column("pages", "On pages", "Pages of the last discovery that have this form", numeric=True),
    Column("first_seen", "First seen"),
    Column("last_seen", "Last seen"),
)

CHANGES = (Column("what", "What"), Column("form_type", "Type of form"), Column("page", "Page"), Column("fields", "Fields"))


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/networks/<int:number>", "network_page", network_page)
    app.add_url_rule("/networks/<int:number>/discover", "network_discover", discover, methods=["POST"])
    app.add_url_rule("/networks/<int:number>/remove", "network_remove", remove, methods=["POST"])


@access.needs(Role.VIEWER)
def network_page(number: int) -> Response:
    """One network: its forms, and what changed at the last discovery."""
    network = seen_networks.named(number)

    def read(limit: int, cursor: str) -> Part:
        found, following = views.pages_of(network, limit, cursor)
        return Part(list(views.rows(found)), following)

    changed = tables.all_at_once([_change(one) for one in network.last.get("changed", [])])
    if file := tables.wanted_file("forms", FORMS, read) or tables.wanted_file("changes", CHANGES, changed):
        return file
    empty = f"No form is known: `python manage.py forms discover {network.id}` looks for them."
    forms = tables.make("forms", "Forms, each at one page", FORMS, read, empty)
    changes = tables.make("changes", "Changes at the last discovery", CHANGES, changed, "Nothing changed.")
    return frame.show(
        "network.html", network.name, network=forms_page.row(network, 0), last=network.last, forms=forms, changes=changes
    )


@access.needs(Role.OPERATOR)
def discover(number: int) -> Response:
    """Have the forms of a network looked for."""
    network = seen_networks.named(number)
    made = submitting.discover(submitting.Wanted(1, network.id, 1, 1, 1))
    word = "is queued or runs already" if made.submission.duplicate_of else "is queued"
    return frame.done(f"/networks/{network.id}", f"The discovery of {network.name} {word}: job {made.submission.job_id}.")


@access.needs(Role.OPERATOR)
def remove(number: int) -> Response:
    """Remove a network with its forms, after a question."""
    network = seen_networks.named(number)
    if not frame.is_confirmed():
        count = networks.views([network])[0]["pages"]
        says = f"Remove {network.name} with its login and {count:,} pages with forms? This cannot be taken back."
        action, back = f"/networks/{network.id}/remove", f"/networks/{network.id}"
        return frame.confirm("Remove a network", says, action, button="Remove", back=back)
    networks.remove(network.id)
    return frame.done("/networks", f"{network.name} is removed.")


def _change(told: dict[str, Any]) -> dict[str, Any]:
    fields = ", ".join(f"{one['name']} {one['what']}" for one in told.get("fields", []))
    return {**{name: told[name] for name in ("what", "form_type", "page")}, "fields": fields[:500]}
