"""A model on loopback that is configured, at 3 and 15 USD per million tokens."""

from collections.abc import Iterator

import pytest

import config
from tests.clients.llm import server
from tests.clients.llm.conftest import model, settings_of

__all__ = ["asked", "model"]


@pytest.fixture
def asked(model: server.Model) -> Iterator[server.Model]:
    """The model, configured."""
    with config.overridden(**settings_of(model, "openai")):
        yield model
