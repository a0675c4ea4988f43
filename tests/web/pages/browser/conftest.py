"""One browser for all tests of a file, and the application on a port."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from tests.web import chromium
from topics.access import passwords
from web.pages import kept


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.launched() as launched:
        yield launched


@pytest.fixture
def address(app: OpenAPI) -> Iterator[str]:
    with chromium.served(app) as found:
        yield found


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashes of passwords take a millisecond, and no page of another test is kept."""
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:8:1")
    passwords._nobodys.cache_clear()
    kept.forget()
    yield
    kept.forget()
