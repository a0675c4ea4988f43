"""Prices of models by the list of `genai-prices` (extra `requirements-llm.txt`), which lies in the package: nothing is fetched.

The list knows a model by the address that it is asked at: the same name costs something else elsewhere. It has tiers, so a price
is asked for the tokens of a call, not for one token.
"""

import importlib
import importlib.util
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cache
from typing import Any

from clients.llm.messages import Usage

LIBRARY = "genai_prices"


@dataclass(frozen=True, slots=True)
class Known:
    """The price of a model in the list."""

    base_url: str
    model: str
    source: str

    def of_tokens(self, input_tokens: int, output_tokens: int) -> int:
        """Micro-USD of so many tokens, rounded up."""
        return self._whole(input_tokens=input_tokens, output_tokens=output_tokens)

    def of(self, usage: Usage) -> int | None:
        """Micro-USD of one call, what came from a cache at its own price. None: the tokens are not known."""
        if usage.all_input is None or usage.output_tokens is None:
            return None
        return self._whole(
            input_tokens=usage.all_input,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
        )

    def _whole(self, **tokens: int) -> int:
        found = _calculated(self.base_url, self.model, tokens)
        assert found is not None
        return int((found * 1_000_000).to_integral_value(ROUND_CEILING))


def find(base_url: str, model: str) -> Known | None:
    """The price of a model; None where the list does not know it, or is not installed."""
    if _calculated(base_url, model, {"input_tokens": 1_000_000, "output_tokens": 1_000_000}) is None:
        return None
    return Known(base_url, model, f"genai-prices {_library().__version__}")


def is_installed() -> bool:
    """Whether the list is there."""
    return importlib.util.find_spec(LIBRARY) is not None


def _calculated(base_url: str, model: str, tokens: dict[str, int]) -> Decimal | None:
    """USD of a call. Imports the list when it is asked first: that takes 0.3 s."""
    if not is_installed():
        return None
    try:
        return Decimal(_library().calc_price(_library().Usage(**tokens), model, provider_api_url=base_url).total_price)
    except (LookupError, ValueError):
        return None


@cache
def _library() -> Any:
    return importlib.import_module(LIBRARY)
