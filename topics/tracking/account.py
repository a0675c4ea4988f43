"""The account at the provider and the store, asked before a page is bought: both are free to ask."""

import logging
from typing import TYPE_CHECKING

import clock
import config
from clients import serp as providers
from clients import storage
from errors import DataError, NetworkError, OutOfCredits, TrawlError
from state.tracking import credits, halts

if TYPE_CHECKING:
    from clients.serp import Provider, ProviderHealth

log = logging.getLogger("trawl.account")

#: All processes together ask this seldom (s): the provider answers 10 such questions a minute.
ASKED_EVERY_S = 60

#: While fetching is halted, a tick asks this seldom (s) whether it can go on.
HALTED_EVERY_S = 180


def verify(provider: "Provider") -> "ProviderHealth":
    """State of the account. Raises OutOfCredits where it cannot pay for one page, and what the provider raises (BadToken …)."""
    health = provider.probe()
    credits.keep(provider.name, health.remaining_credits, health.monthly_credits, health.page_credits)
    if not health.active:
        raise OutOfCredits(f"The account at {provider.name} is not active: see dashboard.scrape.do")
    if health.remaining_credits < health.page_credits:
        left = f"{health.remaining_credits:,.0f} credits left, and a page costs {health.page_credits:,.0f}"
        raise OutOfCredits(f"The account at {provider.name} has {left}: buy credits, or wait for the next month")
    return health


def verify_sometimes(provider: "Provider") -> None:
    """The same once a minute over all processes; an account that cannot be asked now is let through, and so is the sandbox."""
    if provider.is_sandbox or not halts.may_ask("account", ASKED_EVERY_S):
        return
    try:
        verify(provider)
    except (NetworkError, DataError) as exc:
        log.info("The account was not asked: %s", exc)


def goes_on(halt: halts.Halt) -> bool:
    """Whether fetching, which is halted, can go on: token, credits and store are asked anew, every few minutes at the most.

    Ends the halt where all of them are well. Keeps it where one still refuses us; where one does not answer, the halt runs out.
    """
    if (clock.now() - halt.since).total_seconds() < HALTED_EVERY_S or not halts.may_ask("halted", HALTED_EVERY_S):
        return False
    settings = config.settings()
    try:
        health = verify(providers.make(settings))
        storage.make(settings).verify()
    except NetworkError as exc:
        log.info("What halted fetching does not answer: %s", exc)
        return False
    except TrawlError:
        halts.keep_halted()
        return False
    halts.resume()
    log.warning("Fetching goes on: the account has %s credits", f"{health.remaining_credits:,.0f}")
    return True
