"""What tokens cost. Money is integer micro-USD, rounded up; a price in USD per million tokens is one in micro-USD per token.

LLM_PRICE_INPUT and LLM_PRICE_OUTPUT win. Else a server on this machine or in a private network is free, unless its model is one
that only its maker runs and the list of `genai-prices` knows: then the server is a gateway, and that is its price. Else the list
counts, where it is installed. Any other model is refused, because nobody could say what is spent.
"""

import ipaddress
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Protocol
from urllib.parse import urlsplit

import config
import errors
from clients.llm import known_prices
from clients.llm.messages import Usage

#: Writing to a cache costs up to twice the price of input (Anthropic, for an hour; 2026-11).
CACHE_WRITE_FACTOR = 2

#: Models that nobody runs but their makers, and who these are.
CLOSED = re.compile(r"(chatgpt|gpt(?=-[345])|claude|gemini|grok(?=-[3-9]))", re.IGNORECASE)
MAKERS = {
    **dict.fromkeys(("gpt", "chatgpt"), "https://api.openai.com/v1"),
    "claude": "https://api.anthropic.com",
    "gemini": "https://generativelanguage.googleapis.com",
    "grok": "https://api.x.ai/v1",
}

#: Networks whose servers are one's own.
PRIVATE = [
    ipaddress.ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
]


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-USD per token, and where the price is from."""

    input: Decimal
    output: Decimal
    source: str

    def of_tokens(self, input_tokens: int, output_tokens: int) -> int:
        """Micro-USD of so many tokens, rounded up.

        >>> Price(Decimal("3"), Decimal("0.15"), "settings").of_tokens(10, 1)
        31
        """
        return _whole(input_tokens * self.input + output_tokens * self.output)

    def of(self, usage: Usage) -> int | None:
        """Micro-USD of one call. Input from a cache counts in full, because discounts differ. None: the tokens are not known."""
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        read = usage.input_tokens + usage.cache_read_tokens + CACHE_WRITE_FACTOR * usage.cache_write_tokens
        return self.of_tokens(read, usage.output_tokens)


class Priced(Protocol):
    """What a model costs."""

    @property
    def source(self) -> str:
        """Where the price is from."""

    def of_tokens(self, input_tokens: int, output_tokens: int) -> int:
        """Micro-USD of so many tokens, rounded up."""

    def of(self, usage: Usage) -> int | None:
        """Micro-USD of one call; None where its tokens are not known."""


def of(settings: config.Settings, base_url: str, model: str) -> Priced:
    """The price of a model. Raises ConfigError for one whose price nobody knows, with the remedy."""
    given = (settings.llm_price_input, settings.llm_price_output)
    if given[0] is not None and given[1] is not None:
        return Price(given[0], given[1], "settings")
    if given != (None, None):
        raise errors.ConfigError("LLM_PRICE_INPUT and LLM_PRICE_OUTPUT go together: set both, in USD per million tokens, or none")
    if is_private(base_url):
        if (closed := CLOSED.match(model.rpartition("/")[2])) and (
            known := known_prices.find(MAKERS[closed[1].lower()], model.rpartition("/")[2])
        ):
            return known
        return Price(Decimal(0), Decimal(0), "free: a server of one's own")
    if known := known_prices.find(base_url, model):
        return known
    install = "" if known_prices.is_installed() else ", or install the list of prices: pip install -r requirements-llm.txt"
    raise errors.ConfigError(
        f"The price of the model {model!r:.100} is not known, so spending could not be bounded: "
        f"set LLM_PRICE_INPUT and LLM_PRICE_OUTPUT (USD per million tokens, from the provider's price list){install}"
    )


def is_private(url: str) -> bool:
    """Whether an address leads to this machine or into a private network. A name is one only without a dot, or as `.local`.

    >>> [is_private(url) for url in ("http://127.0.0.1:11434/v1", "http://ollama:11434", "https://api.openai.com")]
    [True, True, False]
    """
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith((".localhost", ".local", ".internal", ".lan")))
    return any(address in network for network in PRIVATE)


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_CEILING))
