"""One POST to an address that somebody named: checked like a page's, bounded in time and size, and sent nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass

import clock
import errors
from clients.fetch import exchange, messages, proxies, targets, transports
from clients.fetch.following import user_agent

#: Bytes of an answer that are read, and that are kept.
MOST_ANSWER, MOST_TEXT = 2**20, 2000


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of any status. `text`: the beginning of its body."""

    status: int
    headers: Mapping[str, str]
    text: str
    elapsed_s: float


def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Answered:
    """Send `body`; no redirect is followed. Every address of the host is checked, at each call anew.

    Raises BadUrl, RefusedAddress, ArgumentError (no try helps), NoSuchHost, BadCertificate, Unreachable, PageLate, PageCutOff,
    PageTooLarge (an answer above 1 MiB).
    """
    messages.check_headers(headers)
    began = clock.monotonic()
    ends_at, target, proxy = began + timeout_s, targets.check(url), proxies.of(None)
    found = proxies.resolve(proxy, ends_at) if proxy else targets.resolve(target, ends_at)
    sent = [("User-Agent", user_agent()), ("Accept", "*/*"), *headers.items()]
    limits = (ends_at, timeout_s, MOST_ANSWER)
    try:
        answer = transports.chosen().send(exchange.Exchange(target, found, sent, *limits, proxy, "POST", body))
    except errors.PageLate:
        raise errors.PageLate(f"{target.host} did not answer within {timeout_s:g} s") from None
    text = answer.body[:MOST_TEXT].decode(errors="replace")
    return Answered(answer.status, answer.headers, text, clock.monotonic() - began)
