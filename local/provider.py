"""The sandbox provider as a process of `up`: started where SERP_PROVIDER asks for it and none answers at SANDBOX_URL yet."""

import http.client
import socket
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

import config
from errors import ConfigError
from local.process_manager import Member

NAME = "sandbox"
HERE = ("127.0.0.1", "localhost", "::1")
ANSWER_S = 2.0

#: What the sandbox says to a path it does not know (sandbox/responder.py).
MARK = b"No such route"


def member(names: list[str], env: Mapping[str, str]) -> Member | None:
    """The process to start; None where none is needed: another provider, one that runs already, or a Procfile that names it.

    Raises ConfigError where something else listens at SANDBOX_URL.
    """
    settings = config.settings()
    at = urlsplit(settings.sandbox_url)
    if settings.serp_provider != "sandbox" or NAME in names or at.hostname not in HERE:
        return None
    if is_open(settings.sandbox_url):
        if not _is_sandbox(at.hostname or "", at.port or 80):
            raise ConfigError(f"SANDBOX_URL={settings.sandbox_url}: something else listens there. Set it to another port.")
        return None
    argv = [sys.executable, str(config.ROOT / "manage.py"), "sandbox", "--port", str(at.port or 80)]
    return Member(NAME, argv, env, is_last=True)  # a fetch that it refused would count as a failed check


def is_open(url: str) -> bool:
    """Whether anything listens there."""
    at = urlsplit(url)
    try:
        socket.create_connection((at.hostname or "", at.port or 80), timeout=ANSWER_S).close()
    except OSError:
        return False
    return True


def _is_sandbox(host: str, port: int) -> bool:
    link = http.client.HTTPConnection(host, port, timeout=ANSWER_S)
    try:
        link.request("GET", "/are-you-the-sandbox?token=sandbox")
        return MARK in link.getresponse().read(10_000)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
