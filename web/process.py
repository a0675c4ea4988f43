"""`manage.py web`: what happens before the first request, and where the process may listen."""

import ipaddress
import logging

import config
import logs
import queues
from environment import collector
from errors import StoreUnreachable
from processes import streams
from state.store import connection, scripts, together
from topics.access import opening
from web import server
from web.app import create_app

log = logging.getLogger("trawl.web")

#: Printed where the process would listen for everybody, and nobody has a key.
LOOPBACK_ONLY = (
    "Listening on loopback only, because there is no API key and no user: WEB_HOST=%s is not used. "
    "`python manage.py apikey add NAME --role admin` or `python manage.py user add NAME --role admin` makes one; "
    "then start again"
)

LOOPBACK = "127.0.0.1"


def run(host: str | None = None, port: int | None = None) -> int:
    """Serve the API until SIGTERM; returns the exit code. `host` and `port` replace WEB_HOST and PORT.

    Raises ConfigError where the address cannot be used, and UnsafeStore for a Redis that may lose jobs. A Redis that does not
    answer is waited for: until then requests get 503.
    """
    streams.forgive()
    prepare()
    server.raise_file_limit()
    settings = config.settings()
    host, port = server.bare(host or settings.web_host), port or settings.port
    if not _has_callers() and not is_loopback(host):
        log.warning(LOOPBACK_ONLY, host)
        host = LOOPBACK
    sockets = server.listen(host, port)
    runner = server.Runner(create_app(), sockets)
    collector.end_loading()
    log.info("Ready: %s", address(host, port), extra={"threads": settings.web_threads})
    return runner.run()


def prepare() -> None:
    """What every process does that serves the application, whichever server it runs under."""
    logs.setup()
    for noisy in ("waitress", "waitress.queue"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    connection.hurry()
    connection.use(None)  # this process's own connections
    together.share()
    queues.load_jobs()
    scripts.load()


def _has_callers() -> bool:
    """Refuse an unsafe Redis. Returns whether there is a key or a user; True where Redis cannot say.

    Then the process listens where it was told. Each request asks again, and nobody is let in before Redis answers.
    """
    try:
        with connection.errors_translated():
            for line in connection.refuse_unsafe():
                log.warning("%s", line)
            return opening.has_callers()
    except StoreUnreachable as exc:
        log.warning("%s Requests get 503 until it answers.", exc)
        return True


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address(host: str, port: int) -> str:
    """The URL to open."""
    shown = {"0.0.0.0": LOOPBACK, "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"
