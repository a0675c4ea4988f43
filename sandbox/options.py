"""The options of the sandbox."""

from dataclasses import dataclass
from pathlib import Path

import errors

#: Domains that rank for most keywords unless others are named.
EXAMPLE_DOMAINS = ("example.com", "example.org", "example.net")

SHARES = ("captcha", "js_required", "consent", "status_429", "status_502", "no_results", "opaque")


@dataclass(frozen=True, slots=True)
class Options:
    """Shares are between 0 and 1, of all page requests. The same seed gives the same answers to the same requests."""

    seed: int = 0
    domains: tuple[str, ...] = EXAMPLE_DOMAINS  # hosts that rank for most keywords
    latency_ms: float = 0  # wait before each page
    captcha: float = 0.0  # share of pages that are Google's captcha
    js_required: float = 0.0  # share that are its JavaScript gate
    consent: float = 0.0  # share that are its consent page
    status_429: float = 0.0  # share refused because of too many requests at once
    status_502: float = 0.0  # share that fail
    no_results: float = 0.0  # share of keywords for which Google finds nothing
    opaque: float = 0.1  # share of pages whose links are opaque /goto links
    credits: float = 1_000_000  # what the account holds
    concurrency: int = 1_000  # requests the plan allows at once
    token: str | None = None  # the only token accepted; None = any
    replay: Path | None = None  # folder of recorded pages to serve instead of invented ones

    def __post_init__(self) -> None:
        for name in SHARES:
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise errors.ArgumentError(f"{name}={value}: a share is between 0 and 1")
        if self.latency_ms < 0 or self.credits < 0 or self.concurrency < 1:
            raise errors.ArgumentError("latency_ms and credits are 0 or more, concurrency is 1 or more")


def split_domains(text: str) -> tuple[str, ...]:
    """The hosts of `--domains a.com,b.com`; `*.`, scheme and path are dropped.

    >>> split_domains("Example.com, *.shop.example , https://a.b/c")
    ('example.com', 'shop.example', 'a.b')
    """
    hosts = (part.strip().lower().split("://")[-1].removeprefix("*.").split("/")[0] for part in text.split(","))
    return tuple(host for host in hosts if host)
