"""Prices by the list of `genai-prices`: looked up for the tokens of a call, rounded up, and never guessed."""

import sys
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace

import pytest

import config
import errors
from clients.llm import known_prices, prices
from clients.llm.messages import Usage

URL = "https://api.anthropic.com"


def calc_price(usage: SimpleNamespace, model: str, *, provider_api_url: str) -> SimpleNamespace:
    """As the library does: input tokens hold those of the cache; a long input costs twice."""
    if model not in ("a-model", "claude-a") or provider_api_url != URL:
        raise LookupError(model)
    read, written = getattr(usage, "cache_read_tokens", 0), getattr(usage, "cache_write_tokens", 0)
    per_token = Decimal(6 if usage.input_tokens > 200_000 else 3)
    plain = usage.input_tokens - read - written
    total = plain * per_token + read * Decimal("0.3") + written * Decimal("3.75") + usage.output_tokens * Decimal(15)
    return SimpleNamespace(total_price=total / 1_000_000)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The library, or what stands in for it."""
    stand_in = SimpleNamespace(calc_price=calc_price, Usage=SimpleNamespace, __version__="0", __spec__=SimpleNamespace())
    monkeypatch.setitem(sys.modules, known_prices.LIBRARY, stand_in)  # type: ignore[arg-type]
    known_prices._library.cache_clear()
    yield
    known_prices._library.cache_clear()


@pytest.mark.usefixtures("listed")
def test_a_listed_model_costs_what_the_list_says() -> None:
    price = prices.of(config.settings(), URL, "a-model")
    assert price.source == "genai-prices 0" and price.of_tokens(1, 0) == 3
    assert price.of(Usage(40, 5, 50, 10)) == 248  # 247.5, rounded up
    assert price.of_tokens(300_000, 0) == 1_800_000 and price.of(Usage()) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:4000", "http://litellm:4000/v1"])
def test_a_gateway_of_ones_own_to_a_model_that_only_its_maker_runs_is_not_free(listed: None, url: str) -> None:
    assert prices.of(config.settings(), url, "anthropic/claude-a").of_tokens(1, 0) == 3
    for free in ("claude-unknown", "a-model", "openai/gpt-oss-120b", "llama3"):
        assert prices.of(config.settings(), url, free).of_tokens(1000, 1000) == 0


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(("url", "model"), [(URL, "another"), ("https://elsewhere.example", "a-model")])
def test_a_model_that_is_not_listed_there_is_refused(url: str, model: str) -> None:
    with pytest.raises(errors.ConfigError, match="LLM_PRICE_INPUT") as caught:
        prices.of(config.settings(), url, model)
    assert "requirements-llm" not in str(caught.value)


def test_without_the_list_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_prices, "LIBRARY", "no_such_library")
    with pytest.raises(errors.ConfigError, match=r"requirements-llm\.txt"):
        prices.of(config.settings(), URL, "a-model")


def test_the_real_list_knows_the_models_of_its_providers() -> None:
    pytest.importorskip("genai_prices", reason="an extra: pip install -r requirements-llm.txt")
    price = prices.of(config.settings(), "https://api.openai.com/v1", "gpt-4o-mini")
    assert price.of_tokens(1_000_000, 1_000_000) == 750_000 and price.of_tokens(1, 0) == 1
