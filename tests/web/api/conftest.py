"""Scrapes that routes look at are made as the tests of scraping make them."""

from collections.abc import Iterator
from typing import Any

import pytest

import config
from tests.topics.scraping import site as sites
from tests.topics.scraping.conftest import polite, work_off

__all__ = ["house", "nothing_written", "polite", "work_off"]


def nothing_written(store: Any) -> bool:
    """Whether Redis holds nothing; that somebody asked stands in the audit."""
    return all(key.startswith(b"trawl:audit") for key in store.keys("*"))


@pytest.fixture
def house(polite: None, store: Any) -> Iterator[sites.Site]:
    """Three pages, and a link that leads nowhere; its host may be fetched."""
    pages: dict[str, sites.Page] = {"/": sites.page("Home", "/a", "/b", "/gone"), "/a": sites.page("A"), "/b": sites.page("B")}
    with sites.served(pages) as served, config.overridden(fetch_allow_networks="127.0.0.0/8"):
        yield served
