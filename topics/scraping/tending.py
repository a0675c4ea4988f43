"""What keeps scraping in order: lanes without a job, and objects that are old."""

import logging

import config
from topics.scraping import crawl, stored

log = logging.getLogger("trawl.scraping")


def tend() -> int:
    """Give lanes whose job is gone a new one; says how many."""
    return crawl.tend(log.warning)


def clean_up() -> int:
    """Remove what is older than it is kept from object storage; says how many objects."""
    return stored.clean_up(config.settings().result_days)
