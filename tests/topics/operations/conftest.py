"""Scrapes that operations look at are made as the tests of scraping make them."""

from tests.topics.scraping.conftest import polite, site, work_off

__all__ = ["polite", "site", "work_off"]
