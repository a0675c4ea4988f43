"""Logging in: slower with each wrong password, for the account and for the address, and never barred for good.

After five tries at an account, or ten from an address, the next one must wait: a second, then twice as long each time, up to
fifteen minutes. An address from which a person has logged in before counts for itself: strangers who guess at an account do not
keep its owner out.
"""

import ipaddress
from datetime import timedelta

import clock
from errors import NotNow
from state.access import rates
from state.access import users as stored
from state.store import connection
from topics.access import passwords, sessions, users
from topics.access.users import User

#: Tries without a wait, at an account and from an address.
FREE, FREE_OF_ADDRESS = 5, 10


class TooMany(NotNow):
    """Too many tries to log in."""


def log_in(name: str, password: str, address: str, agent: str = "") -> tuple[User, str] | None:
    """The person and the secret of a new session; None for a wrong name or password, which take the same time.

    Raises TooMany, which says when to try again.
    """
    name, place = name.strip().lower()[:60], scope_of(address)
    if not is_password(name, password, address):
        return None
    with connection.errors_translated():
        stored.note_address(name, place, int(clock.now().timestamp()))
        return users.find(name), sessions.begin(name, address, agent)


def change_password(name: str, old: str, password: str, address: str, agent: str = "") -> str | None:
    """Another password for who knows the old one. All sessions of the person end; returns the secret of a new one.

    None where the old one is wrong, which counts as a try to log in. Raises TooMany, and ArgumentError for a bad new one.
    """
    if not is_password(name, old, address):
        return None
    users.set_password(name, password)
    with connection.errors_translated():
        return sessions.begin(name, address, agent)


def is_password(name: str, password: str, address: str) -> bool:
    """Whether this is that person's password. A wrong one counts as a try to log in. Raises TooMany."""
    place = scope_of(address)
    with connection.errors_translated():
        account = f"user:{name}:{place}" if users.NAME.fullmatch(name) and stored.knows(name, place) else f"user:{name}"
        wait_ms = rates.try_login([(account, FREE), (f"address:{place}", FREE_OF_ADDRESS)])
        if wait_ms:
            raise TooMany(clock.now() + timedelta(milliseconds=wait_ms), "too many tries to log in")
        if not passwords.fits(password, users.password_of(name)):
            return False
        rates.forgive(account, f"address:{place}")
    return True


def scope_of(address: str) -> str:
    """An address as it is counted: one of IPv6 with its whole network (/64), which is one customer's.

    >>> scope_of("192.0.2.7"), scope_of("2001:db8:1:2:3::4"), scope_of("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8:1:2::/64', '192.0.2.7')
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
