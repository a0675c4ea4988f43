"""The day stands still: what ranks where depends on it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

import clock

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fixed_day() -> Iterator[None]:
    with clock.frozen(TODAY):
        yield
