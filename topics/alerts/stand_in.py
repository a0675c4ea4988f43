"""Who looks where the job cannot: no worker runs it, no scheduler queues it, or its queue is full."""

import logging
import threading

import clock
from errors import TrawlError
from state.alerts import outgoing, quiet
from state.store import connection
from topics.alerts import delivering, watching

log = logging.getLogger("trawl.alerts")

#: Nobody looked for so long (s): somebody else has to. A process that has just started waits as long for the others.
LATE_S = 180


class StandIn:
    """Looks in place of the job. To be called once a minute by every process that runs for long; it sends in a thread."""

    def __init__(self) -> None:
        self._began_at = clock.monotonic()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Look where it is late, and send what is due, unless an earlier call still does. Never raises what a look may raise."""
        if clock.monotonic() - self._began_at < LATE_S or (self._thread and self._thread.is_alive()):
            return
        self._thread = threading.Thread(target=look_where_late, name="alerts", daemon=True)
        self._thread.start()


def look_where_late() -> bool:
    """Look and send, where nobody looked for a while, and no other process is at it; whether it did."""
    try:
        with connection.errors_translated():
            looked = quiet.looked_at()
            if looked is not None and (connection.now() - looked).total_seconds() <= LATE_S:
                return False
            if not quiet.stand_in(LATE_S // 3):
                return False
            told = watching.look()
            log.warning("Nobody looked for alerts: this process does", extra={"open": told["open"]})
            for target in outgoing.due():
                delivering.deliver(target)
    except TrawlError as exc:
        log.warning("Alerts: %s", exc)
        return False
    return True
