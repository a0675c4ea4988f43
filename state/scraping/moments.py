"""The moment of a turn that was granted, moved: its holder is late, or was sent on within the host."""

import clock
from state.scraping import keys as own_keys
from state.store import constants, scripts


def slack_s(delay_s: float) -> float:
    """How late a request may be sent while others are in flight."""
    return max(constants.LEAST_SLACK_MS / 1000, delay_s * constants.SLACK_PERCENT / 100)


def postpone(host: str, member: str, asked: tuple[float, float], late_s: float, least_s: float) -> float | None:
    """Another moment for `member` (holder and token): in so many seconds; None where its lease has ended. One round trip.

    `asked`: delay and lease (s). `late_s`: so much later it may send, and others keep away until then. `least_s`: not earlier.
    """
    delay_s, lease_s = asked
    in_ms = _postpone(
        gate=own_keys.gate(f"host:{host}"),
        in_flight=own_keys.gate(f"host:{host}") + ":in_flight",
        now_ms=clock.script_now_ms(),
        member=member,
        delay_ms=round(delay_s * 1000),
        lease_ms=round(lease_s * 1000),
        least_ms=round(least_s * 1000),
        late_ms=round(late_s * 1000),
    )
    return None if in_ms < 0 else in_ms / 1000


@scripts.script("scraping/postpone")
def _postpone(
    *, gate: str, in_flight: str, now_ms: str, member: str, delay_ms: int, lease_ms: int, least_ms: int, late_ms: int
) -> int:
    raise scripts.InLua
