"""The garden on loopback, which may be fetched, and a key for logins."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet

import config
from tests.topics.forms import form_site
from topics.scraping import robots_rules

KEY = Fernet.generate_key().decode()


@pytest.fixture
def garden(settings: config.Settings) -> Iterator[form_site.FormSite]:
    """The site, and settings that allow it."""
    robots_rules.kept.clear()
    from pydantic import SecretStr

    allowed = {
        "fetch_allow_networks": "127.0.0.0/8",
        "request_delay": 0.0,
        "host_concurrency": 100,
        "network_key": SecretStr(KEY),
    }
    with form_site.served() as site, config.overridden(**allowed):
        yield site
