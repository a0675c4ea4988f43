"""Networks: the sites whose forms are looked for."""

from typing import Any

from flask import Flask, Response

from state.forms.networks import Network
from topics.forms import networks, views
from web import access, seen_networks
from web.access import Role
from web.pages import frame, tables
from web.pages.tables import Column, Part

NETWORKS = (
    Column("id", "Number", numeric=True),
    Column("name", "Name"),
    Column("url", "Begins at"),
    Column("has_login", "Login", "Whether it has a login, which is kept encrypted"),
    Column("pages", "Pages with forms", "All that are kept, gone ones among them", numeric=True),
    Column("forms", "Forms", "Each counted once, at the last discovery", numeric=True),
    Column("at", "Last discovery"),
)


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/networks", "networks_page", networks_page)


@access.needs(Role.VIEWER)
def networks_page() -> Response:
    """All networks that the viewer may see."""
    if file := tables.wanted_file("networks", NETWORKS, _networks):
        return file
    empty = "There is no network: `python manage.py network add URL --name NAME` adds one."
    return frame.show("networks.html", "Networks", found=tables.make("networks", "Networks", NETWORKS, _networks, empty))


def _networks(limit: int, cursor: str) -> Part:
    found, following = seen_networks.part(limit, cursor)
    told = networks.views(found)
    return Part([row(one, view["pages"]) for one, view in zip(found, told, strict=True)], following)


def row(network: Network, pages: int) -> dict[str, Any]:
    """A network as a row."""
    at = network.last.get("at_ms")
    return {
        **networks.view(network),
        "pages": pages,
        "forms": network.last.get("forms_found"),
        "at": views.moment(at) if at else None,
    }
