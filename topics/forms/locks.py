"""Logins of networks, encrypted with NETWORK_KEY. A login is bound to its network and site: it opens for no other."""

import json
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

import config
from errors import ConfigError, DataError

NO_KEY = (
    "NETWORK_KEY is not set, and without it no login is kept: make one by `openssl rand -base64 32 | tr +/ -_`, and set it for "
    "all processes."
)


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password. Neither is ever shown."""

    username: str = field(repr=False)
    password: str = field(repr=False)


def lock(login: Login, network: int, site: str) -> str:
    """A login of this network and site, encrypted. Raises ConfigError without a key."""
    told = {"network": network, "site": site, "username": login.username, "password": login.password}
    return _keys().encrypt(json.dumps(told).encode()).decode()


def unlock(text: str, network: int, site: str) -> Login:
    """The login again. Raises ConfigError without its key, and DataError where it belongs to another network or site."""
    told = json.loads(_opened(text))
    if (told["network"], told["site"]) != (network, site):
        raise DataError(f"The login of network {network} was given for another site: set it again.")
    return Login(told["username"], told["password"])


def relock(text: str) -> str:
    """The same, encrypted with the first key. Raises ConfigError."""
    return _keys().encrypt(_opened(text)).decode()


def check() -> None:
    """Raises ConfigError, with what to set, where no login can be kept."""
    _keys()


def _opened(text: str) -> bytes:
    try:
        return _keys().decrypt(text.encode())
    except InvalidToken:
        raise ConfigError(
            "NETWORK_KEY is not the key of this login: name the old key after the new one, or set the login again."
        ) from None


def _keys() -> MultiFernet:
    given = config.settings().network_key
    parts = [part.strip() for part in given.get_secret_value().split(",")] if given else []
    if not any(parts):
        raise ConfigError(NO_KEY)
    try:
        return MultiFernet([Fernet(part) for part in parts if part])
    except ValueError:
        raise ConfigError(
            "NETWORK_KEY is no key: each is 32 bytes in url-safe base64, `openssl rand -base64 32 | tr +/ -_`."
        ) from None
