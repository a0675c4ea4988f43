"""How polite a caller is: what it asks of the gate of a host."""

from dataclasses import dataclass

import config
from state.scraping import gates

#: A host's Crawl-delay is obeyed up to so much (s): more would let a single page wait for longer than a crawl takes.
MOST_CRAWL_DELAY_S = 300.0


@dataclass(frozen=True, slots=True)
class Manners:
    """How pages are to be fetched. None: as the settings say."""

    delay_s: float | None = None  # between two requests to a host; a longer Crawl-delay wins
    concurrency: int | None = None  # requests at a time to a host
    obey_robots: bool | None = None
    agent: str = "Trawl"  # as robots.txt names it
    tenant: str = ""
    project: str | None = None
    provider: str | None = None
    lease_s: float = 120.0  # longer than fetching a page can take

    def ask(self, host: str, holder: str, crawl_delay_s: float | None = None) -> gates.Ask:
        """What is asked of the gate of a host."""
        settings = config.settings()
        delay_s = settings.request_delay if self.delay_s is None else self.delay_s
        delay_s = max(delay_s, min(MOST_CRAWL_DELAY_S, crawl_delay_s or 0.0))
        concurrency = self.concurrency or settings.host_concurrency
        return gates.Ask(host, holder, delay_s, concurrency, self.lease_s, self.tenant, self.provider, self.project)

    def obeys_robots(self) -> bool:
        """Whether robots.txt is asked for and obeyed."""
        return config.settings().obey_robots if self.obey_robots is None else self.obey_robots
