"""The pages of operations below a path prefix: every link keeps it."""

import re

import pytest
from flask.testing import FlaskClient

import scheduler
from tests.scheduling import registered
from tests.web.pages.test_batches import many
from tests.web.pages.test_hosts import broken
from tests.web.pages.test_overview import HTML
from tests.web.pages.test_workers import alive, running


@pytest.mark.parametrize("path", ["/", "/workers", "/schedule", "/schedule/sweep", "/hosts", "/hosts/bad.example", "/batches"])
def test_every_link_keeps_the_prefix(client: FlaskClient, path: str) -> None:
    registered(*scheduler.table())
    alive("w-1")
    running("w-1")
    broken()
    many(4)
    text = client.get(path, headers=HTML, environ_overrides={"SCRIPT_NAME": "/trawl"}).text
    links: list[str] = re.findall(r'(?:href|action|src)="(/[^"]*)"', text)

    assert len(links) > 15 and [one for one in links if not one.startswith("/trawl/")] == []
