"""The sandbox provider as a process of `up`: started if SERP_PROVIDER names it and none answers at SANDBOX_URL yet."""

import http.client
import socket
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

import config
from errors import ConfigError
from local.process_manager import ManagedProcess

NAME = "sandbox"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANSWER_S = 2.0

#: The sandbox's reply to an unknown path (sandbox/responder.py).
MARK = b"No such route"


def process(names: list[str], env: Mapping[str, str]) -> ManagedProcess | None:
    """The process to start. None if another provider is set, a sandbox runs already, or the Procfile names one.

    Raises ConfigError if another program listens at SANDBOX_URL.
    """
    settings = config.settings()
    at = urlsplit(settings.sandbox_url)
    if settings.serp_provider != "sandbox" or NAME in names or at.hostname not in LOOPBACK:
        return None
    if is_open(settings.sandbox_url):
        if not _is_sandbox(at.hostname or "", at.port or 80):
            raise ConfigError(f"SANDBOX_URL={settings.sandbox_url}: something else listens there. Set it to another port.")
        return None
    argv = [sys.executable, str(config.ROOT / "manage.py"), "sandbox", "--port", str(at.port or 80)]
    return ManagedProcess(NAME, argv, env, is_last=True)  # a fetch that it refused would count as a failed check


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
