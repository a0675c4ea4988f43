"""Networks: sites whose forms are looked for; added, changed, removed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import clock
from clients import fetch
from errors import ArgumentError, NotAllowed, NotFound
from parsing import web_urls
from state.forms import networks, pages
from state.forms.networks import Network
from state.store import connection
from topics.forms import locks
from topics.forms.locks import Login

MOST_NETWORKS, MOST_PAGES, MOST_DEPTH, MOST_NAME, MOST_SECRET = 10_000, 10_000, 100, 100, 1000

#: What `change` takes.
CHANGES = ("name", "url", "login_url", "max_pages", "max_depth", "render")


def add(url: str, name: str, login: Login | None = None, owner: str = "", options: Mapping[str, Any] | None = None) -> Network:
    """Add a network that begins at `url`. `options`: login_url, max_pages, max_depth, render.

    Raises ArgumentError, BadUrl, RefusedAddress; ConfigError for a login without NETWORK_KEY, or where nothing renders here.
    """
    wanted = _fetchable(checked(replace(Network(0, name.strip(), url, owner=owner), **dict(options or {}))))
    if login:
        _check(login)
    with connection.errors_translated():
        if len(networks.every()) >= MOST_NETWORKS:
            raise NotAllowed(f"there are {MOST_NETWORKS:,} networks: remove one that is needed no more.")
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
    made = _fetchable(checked(replace(before, **fields)))
    if login:
        _check(login)
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


def _fetchable(network: Network) -> Network:
    """The network, where its pages can be read here. Raises ConfigError that says what to install."""
    if network.render:
        fetch.check_mode("render")
    return network


def checked(network: Network) -> Network:
    """The network, where it is one. Raises ArgumentError, BadUrl, RefusedAddress."""
    if not 1 <= len(network.name) <= MOST_NAME or not network.name.isprintable():
        raise ArgumentError(f"the name of a network must be 1 to {MOST_NAME} printable characters, not {network.name!r:.60}.")
    for what, value, least, most in (
        ("max_pages", network.max_pages, 1, MOST_PAGES),
        ("max_depth", network.max_depth, 0, MOST_DEPTH),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ArgumentError(f"{what} must be a whole number from {least} to {most:,}, not {value!r:.40}.")
    start = _page(network.url)
    if network.login_url and web_urls.site_of(_page(network.login_url).host) != web_urls.site_of(start.host):
        raise ArgumentError("login_url must be on the site of url: a login is sent nowhere else.")
    return replace(network, render=int(bool(network.render)))


def _page(url: str) -> web_urls.Url:
    found = fetch.check_url(url)
    if found.userinfo:
        raise ArgumentError("an address with a name and password is not kept: give the login by itself.")
    return found


def _check(login: Login) -> None:
    if not login.username or not login.password or max(len(login.username), len(login.password)) > MOST_SECRET:
        raise ArgumentError(f"a login needs a name and a password of 1 to {MOST_SECRET:,} characters.")
    locks.check()
