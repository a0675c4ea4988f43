"""SERP providers, which fetch result pages. All have the protocol below. `make` chooses by SERP_PROVIDER."""

from typing import Protocol

import config
import models
from clients.serp import sandbox, scrapedo, scrapedo_plugin
from clients.serp.api import ProviderHealth, metered

__all__ = ["LINK_CREDITS", "Provider", "ProviderHealth", "make", "metered", "page_credits"]


#: What the target of an opaque link costs, as seen in 2026-11.
LINK_CREDITS = 10.0


class Provider(Protocol):
    """The interface of a provider. Safe for any number of threads, and across a fork."""

    @property
    def name(self) -> str:
        """scrapedo | scrapedo-plugin | sandbox."""

    @property
    def is_sandbox(self) -> bool:
        """Whether the results are invented."""

    def page(self, query: models.SerpQuery, *, start: int) -> models.SerpReply:
        """One page of 10 results from `start` (0, 10, 20 …). A captcha or consent page is a reply too.

        Raises ArgumentError, BadToken, OutOfCredits, ProviderBusy, NetworkError or DataError.
        """

    def resolve(self, goto_url: str) -> str | None:
        """The target of an opaque /goto link, without opening the target; None if unknown. Raises as `page`."""

    def probe(self) -> ProviderHealth:
        """The state of the account: active, concurrency, credits left. Raises as `page`."""


def page_credits(name: str) -> float:
    """What one page of a provider costs at most, by its price list: credits. `name`: as SERP_PROVIDER names it."""
    return scrapedo_plugin.ScrapeDoPlugin.page_credits if name == "scrapedo-plugin" else scrapedo.ScrapeDo.page_credits


def make(settings: config.Settings) -> Provider:
    """The provider that SERP_PROVIDER names. Raises ConfigError if its token is missing."""
    makers = {"scrapedo": scrapedo.make, "scrapedo-plugin": scrapedo_plugin.make, "sandbox": sandbox.make}
    return makers[settings.serp_provider](settings)
