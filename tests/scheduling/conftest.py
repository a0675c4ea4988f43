"""Fixtures of the tests of periodic work."""

from collections.abc import Iterator

import pytest

import clock
from tests.state import NOON


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield
