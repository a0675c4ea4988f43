"""A model on loopback, asked by either protocol."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

import config
from clients import llm
from clients.llm import calls
from tests.clients.llm import server

KEY = "sk-s3cr3t/k+y=="


@pytest.fixture
def model() -> Iterator[server.Model]:
    calls._learnt.clear()
    with server.served() as served:
        yield served
    calls._learnt.clear()


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set when the test is over, so that a hanging turn ends."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(params=["anthropic", "openai"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(model: server.Model, api: str) -> Iterator[llm.Client]:
    """A client at the price of 3 and 15 USD per million tokens."""
    with config.overridden(**settings_of(model, api)):
        found = llm.configured()
        assert found is not None
        yield found


def settings_of(model: server.Model, api: str, **more: Any) -> dict[str, Any]:
    return {
        "llm_api": api,
        "llm_base_url": model.url,
        "llm_api_key": SecretStr(KEY),
        "llm_model": "a-model",
        "llm_price_input": Decimal(3),
        "llm_price_output": Decimal(15),
        **more,
    }
