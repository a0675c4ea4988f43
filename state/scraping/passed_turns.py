"""A turn at a host passed on: it ends, and its holder asks for the next one at that host. One script looks at the gate once."""

from typing import Any, NamedTuple

from state.scraping import gates
from state.scraping import keys as own_keys
from state.store import keys, scripts


class Ended(NamedTuple):
    """A turn, and how it ended; nobody has told its gate yet."""

    granted: gates.Granted
    left: gates.Left

    def leave_call(self) -> scripts.Call:
        """What tells it."""
        return gates.leave_call(self.granted, self.left)

    def pass_call(self, next_token: str) -> scripts.Call:
        """What tells it and asks for the same again, by another token; `gates.entered` reads the reply."""
        ask = self.granted.ask
        return _pass_on.call(
            pauses=keys.PAUSES,
            hosts=own_keys.HOSTS,
            wakeups=keys.WAKE,
            project=ask.project or "",
            token=self.granted.token,
            next_token=next_token,
            **gates.of_ask(ask),
            **gates.of_end(self.left),
        )


@scripts.script("scraping/pass_on")
def _pass_on(
    *,
    pauses: str,
    hosts: str,
    rates: str,
    wakeups: str,
    now_ms: str,
    gates: str,
    rq: str,
    host: str,
    tenant: str,
    provider: str,
    project: str,
    holder: str,
    token: str,
    next_token: str,
    delay_ms: int,
    concurrency: int,
    lease_ms: int,
    sent_ago_ms: int | str,
    hold_ms: int | str,
    outcome: str,
    weight: int | str,
    provider_weight: int | str,
) -> list[Any]:
    raise scripts.InLua
