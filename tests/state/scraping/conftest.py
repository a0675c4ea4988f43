"""The clock stands at noon."""

from collections.abc import Iterator

import pytest

import clock
from tests.state import NOON


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield
