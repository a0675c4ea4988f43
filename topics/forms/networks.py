"""Networks: sites whose forms are looked for; added, changed, removed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import clock
from errors import ArgumentError, NotAllowed, NotFound
from parsing import web_urls
from state.forms import networks, pages
from state.forms.networks import Network
from state.store import connection
from topics.forms import locks, network_checks
from topics.forms.locks import Login

#: What `change` takes.
CHANGES = ("name", "url", "login_url", "max_pages", "max_depth", "render")


def add(url: str, name: str, login: Login | None = None, owner: str = "", options: Mapping[str, Any] | None = None) -> Network:
    """Add a network that begins at `url`. `options`: login_url, max_pages, max_depth, render.

    Raises ArgumentError, BadUrl, RefusedAddress; ConfigError for a login without NETWORK_KEY, or where nothing renders here.
    """
    wanted = network_checks.fetchable(
        network_checks.checked(replace(Network(0, name.strip(), url, owner=owner), **dict(options or {})))
    )
    if login:
        network_checks.check_login(login)
    with connection.errors_translated():
        if len(networks.every()) >= network_checks.MOST_NETWORKS:
            raise NotAllowed(f"there are {network_checks.MOST_NETWORKS:,} networks: remove one that is needed no more.")
        made = replace(wanted, id=networks.next_number("network"), created_ms=round(clock.now().timestamp() * 1000))
        made = replace(made, credentials=locks.lock(login, made.id, site_of(made.url))) if login else made
        networks.put(made)
    return made


def named(number: int | str) -> Network:
    """The network of that number. Raises NotFound."""
    text = str(number)
    with connection.errors_translated():
        found = networks.find(int(text)) if text.isascii() and text.isdigit() and len(text) < 16 else None
    if found is None:
        raise unknown(text)
    return found


def unknown(number: int | str) -> NotFound:
    """The error for a number of no network."""
    return NotFound(f"No network {str(number)!r:.40}: `python manage.py network list` shows those there are.")


def every() -> list[Network]:
    """All networks, by number."""
    with connection.errors_translated():
        return networks.every()


def change(number: int | str, fields: Mapping[str, Any], login: Login | None = None, *, forget_login: bool = False) -> Network:
    """Change fields out of `CHANGES`, and the login. A network that moves to another site forgets its login.

    Raises as `add`, and NotFound.
    """
    before = named(number)
    if wrong := [name for name in fields if name not in CHANGES]:
        raise ArgumentError(f"{wrong[0]!r:.40} cannot be changed: there are {', '.join(CHANGES)}.")
    made = network_checks.fetchable(network_checks.checked(replace(before, **fields)))
    if login:
        network_checks.check_login(login)
        made = replace(made, credentials=locks.lock(login, made.id, site_of(made.url)))
    elif forget_login or site_of(made.url) != site_of(before.url):
        made = replace(made, credentials="")
    with connection.errors_translated():
        networks.write(made.id, **{name: getattr(made, name) for name in (*CHANGES, "credentials")})
    return made


def remove(number: int | str) -> Network:
    """Forget a network, its login, and the forms that were found. Raises NotFound."""
    found = named(number)
    with connection.errors_translated():
        networks.remove(found.id)
    return found


def rotate() -> int:
    """Encrypt all logins anew with the first key of NETWORK_KEY; says how many. Raises ConfigError before anything is changed."""
    locks.check()
    there = [(one.id, locks.relock(one.credentials)) for one in every() if one.credentials]
    with connection.errors_translated():
        for number, text in there:
            networks.write(number, credentials=text)
    return len(there)


def login_of(network: Network) -> Login | None:
    """The login of a network; None where it has none. Raises ConfigError without its key."""
    return locks.unlock(network.credentials, network.id, site_of(network.url)) if network.credentials else None


def view(network: Network) -> dict[str, Any]:
    """A network for people, without its login."""
    told = {name: getattr(network, name) for name in ("id", "name", "url", "login_url", "max_pages", "max_depth", "last")}
    at = datetime.fromtimestamp(network.created_ms / 1000, UTC)
    return {**told, "render": bool(network.render), "has_login": bool(network.credentials), "created_at": at}


def views(found: list[Network]) -> list[dict[str, Any]]:
    """Networks for people, each with how many pages with forms are kept."""
    with connection.errors_translated():
        return [{**view(one), "pages": pages.count(one.id)} for one in found]


def site_of(url: str) -> str:
    """The site a login is for: scheme, host and port."""
    return web_urls.parse(url).origin
