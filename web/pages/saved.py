"""Saved views above a list: a page passes `saved=saved.shown()`, its template shows `saved_parts.bar(saved)`."""

from typing import NamedTuple

from flask import Flask, Response, request

from topics.access import saved_views, view_addresses
from topics.access.saved_views import View
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame


class Saved(NamedTuple):
    """What stands above a list. `address`: what would be saved now, "" = no filter is set; `query`: the filters of it."""

    views: list[View]
    address: str
    query: str


def register(app: Flask) -> None:
    """The addresses of this file."""
    app.add_url_rule("/views", "views_save", save, methods=["POST"])
    app.add_url_rule("/views/<view_id>/remove", "views_remove", remove, methods=["POST"])


def shown() -> Saved:
    """The views of the page that is asked for. One round trip."""
    query = view_addresses.filters_of(request.query_string.decode(errors="replace")[: view_addresses.LONGEST_ADDRESS])
    found = saved_views.of(access.caller().holder, request.path)
    return Saved(found, f"{request.path}?{query}" if query else "", query)


@access.needs(Role.VIEWER)
def save() -> Response:
    """Save the filters of a list under a name."""
    for_all = request.form.get("for_all") == "1"
    view = add(request.form.get("name", ""), request.form.get("address", ""), for_all)
    where = ", in place of the view of that name" if view.was_there else ""
    return frame.done(view.address, f"Saved as {view.name}{', for all' if for_all else ''}{where}.")


def add(name: str, address: str, for_all: bool) -> View:
    """Save a view of the caller's, or one for all. Raises Problem 403 for who may not."""
    return saved_views.add(owner(for_all), name, address, access.caller().name)


def owner(for_all: bool) -> str:
    """Whose views are meant. Raises Problem 403: viewers change their own only."""
    if for_all and not frame.may(Role.OPERATOR):
        raise Problem(403, "Views for all need the role operator: save this one for yourself.", code="forbidden")
    return saved_views.EVERYBODY if for_all else access.caller().holder


@access.needs(Role.VIEWER)
def remove(view_id: str) -> Response:
    """Forget a view."""
    saved_views.remove(owner(request.form.get("for_all") == "1"), view_id)
    back = request.form.get("back", "")
    return frame.done(back if view_addresses.PAGES.fullmatch(back) else "/", "The view is removed.")
