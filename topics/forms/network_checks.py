"""Whether a network is one that can be looked at: its address, its bounds, its login."""

from dataclasses import replace

from clients import fetch
from errors import ArgumentError
from parsing import web_urls
from state.forms.networks import Network
from topics.forms import locks
from topics.forms.locks import Login

MOST_NETWORKS, MOST_PAGES, MOST_DEPTH, MOST_NAME, MOST_SECRET = 10_000, 10_000, 100, 100, 1000


def fetchable(network: Network) -> Network:
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
    network = replace(network, url=web_urls.typed(network.url), login_url=web_urls.typed(network.login_url))
    start = _page(network.url)
    if network.login_url and web_urls.site_of(_page(network.login_url).host) != web_urls.site_of(start.host):
        raise ArgumentError("login_url must be on the site of url: a login is sent nowhere else.")
    return replace(network, render=int(bool(network.render)))


def _page(url: str) -> web_urls.Url:
    found = fetch.check_url(url)
    if found.userinfo:
        raise ArgumentError("an address with a name and password is not kept: give the login by itself.")
    return found


def check_login(login: Login) -> None:
    """Raise ArgumentError for a login that cannot be kept."""
    if not login.username or not login.password or max(len(login.username), len(login.password)) > MOST_SECRET:
        raise ArgumentError(f"a login needs a name and a password of 1 to {MOST_SECRET:,} characters.")
    locks.check()
