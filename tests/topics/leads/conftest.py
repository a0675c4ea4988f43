"""A bakery on loopback, and jobs that are run in this process."""

import pytest

from tests.topics.business import conftest as business
from topics.business import scrape
from topics.leads import children

polite, site, work_off, bakery = business.polite, business.site, business.work_off, business.bakery


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that waits for others looks at them at once."""
    monkeypatch.setattr(children, "EVERY_S", 0.02)
    monkeypatch.setattr(scrape, "EVERY_S", 0.02)
