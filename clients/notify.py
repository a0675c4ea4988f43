"""Targets of alerts: e-mail, chats and telephones by the addresses of Apprise, which is loaded by who sends.

    ALERT_URLS="ops=slack://token/… mailtos://user:password@example.com"

An address is a secret as a whole: what is shown of a target is its name, or the kind of service and a short hash.
"""

import hashlib
import importlib
import logging
import re
import threading
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

from errors import ConfigError

#: What separates two targets: a service writes commas and spaces into its own address, but no scheme behind them.
BETWEEN = re.compile(r"[\s,;|]+(?=(?:[\w.-]{1,30}=)?[A-Za-z][\w+.-]{1,30}://)")
TARGET = re.compile(r"(?:(?P<name>[\w.-]{1,30})=)?(?P<url>(?P<scheme>[A-Za-z][\w+.-]{1,30})://\S+)", re.DOTALL)

#: Targets at most, and characters of what a service said.
MOST, MOST_SAID = 20, 300

INSTALL = "`pip install -r requirements-alerts.txt` brings the library that sends to them"

#: Parts of an address this long are taken out of what a library says.
SECRET_LENGTH = 4

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who is told. `id` is the same as long as the address is; `name` is what people see."""

    id: str
    name: str
    url: str = field(repr=False)


class Sent(NamedTuple):
    """What came of a try."""

    ok: bool
    says: str


def targets(text: str) -> list[Target]:
    """The targets of a setting, each address once. Raises ConfigError that names the place, and nothing of the address."""
    found: dict[str, Target] = {}
    for number, part in enumerate(filter(None, BETWEEN.split(text.strip(" \t\r\n,;|"))), 1):
        match = TARGET.fullmatch(part)
        if not match:
            raise ConfigError(
                f"ALERT_URLS: target {number} is no address of Apprise: write name=scheme://…, e.g. ops=json://host."
            )
        digest = hashlib.sha256(match["url"].encode()).hexdigest()[:8]
        found[digest] = Target(digest, match["name"] or f"{match['scheme'].lower()}-{digest[:4]}", match["url"])
    if len(found) > MOST:
        raise ConfigError(f"ALERT_URLS: {len(found)} targets, and {MOST} at most: let one of them pass the alerts on.")
    return list(found.values())


def problem(target: Target) -> str:
    """Why nothing can be sent to a target, by its address alone; "" = it can. Needs no network."""
    try:
        return "" if _plugin(target) is not None else "Apprise does not take its address: see its list of services"
    except ConfigError as exc:
        return str(exc)


def send(target: Target, title: str, body: str, timeout_s: float) -> Sent:
    """Tell a target once, within so many seconds. A target that hangs loses its thread, which ends with the process.

    The seconds are those of the service: the library is loaded before, which takes some of them on a small machine.
    """
    if says := problem(target):
        return Sent(False, says)
    answer: list[Sent] = []
    thread = threading.Thread(target=lambda: answer.append(_send(target, title, body)), name=f"alert-{target.id}", daemon=True)
    thread.start()
    thread.join(timeout_s)
    return answer[0] if answer else Sent(False, f"no answer within {timeout_s:g} s")


def _send(target: Target, title: str, body: str) -> Sent:
    try:
        plugin = _plugin(target)
        library, conversion = importlib.import_module("apprise"), importlib.import_module("apprise.conversion")
        text = library.NotifyFormat.TEXT
        body = conversion.convert_between(text, plugin.notify_format, body)  # what looks like markup is text
        split = library.OverflowMode.SPLIT  # a text that a service finds too long would fail for ever
        with _Said() as said:
            ok = bool(plugin.notify(body=body, title=title, overflow=split, body_format=text))
    except Exception as exc:  # whatever a plugin of a service raises: the target could not be told
        return Sent(False, _without_secrets(f"{type(exc).__name__}: {exc}", target))
    return Sent(ok, "sent" if ok else _without_secrets(said.text, target) or "the service refused it")


def _plugin(target: Target) -> Any:
    """What sends to a target; None where its address is none of Apprise's. Raises ConfigError without the library."""
    try:
        apprise = importlib.import_module("apprise")
    except ImportError:
        raise ConfigError(f"ALERT_URLS names targets, and Apprise is not installed: {INSTALL}.") from None
    library = logging.getLogger("apprise")
    library.propagate = False  # its lines hold addresses
    with _lock, _Said():
        return apprise.Apprise.instantiate(target.url, suppress_exceptions=True)


class _Said(logging.Handler):
    """What Apprise logs in this thread while the block runs: it says nowhere else why a service refused."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.text, self._thread = "", threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and record.levelno >= logging.WARNING:
            self.text = f"{self.text} {record.getMessage()}".strip()

    def __enter__(self) -> "_Said":
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *exc: object) -> None:
        logging.getLogger("apprise").removeHandler(self)


def _without_secrets(text: str, target: Target) -> str:
    """What a library said, on one line, without any part of the address."""
    parts = {target.url, *re.split(r"[/?&=:@,#]+", target.url)}
    for part in sorted(parts | set(map(unquote, parts)), key=len, reverse=True)[:200]:
        if len(part) >= SECRET_LENGTH:
            text = text.replace(part, "***")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MOST_SAID]
