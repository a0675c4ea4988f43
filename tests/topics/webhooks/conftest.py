"""A receiver on loopback, and settings that let it be reached."""

from collections.abc import Iterator

import pytest

import config
from tests.topics.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings: config.Settings) -> Iterator[Receiver]:
    with config.overridden(fetch_allow_networks="127.0.0.0/8"), receiving() as server:
        yield server
