"""No process outlives its test, however that ends."""

from collections.abc import Iterator

import pytest

from tests import worker


@pytest.fixture(autouse=True)
def processes_end_with_their_test() -> Iterator[None]:
    """Kill what the test left running."""
    yield
    for process in worker.started:
        worker.kill(process)
    worker.started.clear()
