"""Below a path of a proxy (PUBLIC_URL=https://host/trawl) every link, form and file of every page stays below it."""

import re
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from tests.web.pages import populated
from tests.web.pages.browser import looking

BELOW = "http://localhost/trawl"

LEADS = re.compile(r'\b(?:href|src|action|formaction|hx-get|hx-post|data-plot-script|data-plot-style)="(/[^"]*)"')


def test_nothing_leads_out_of_the_prefix(app: OpenAPI, client: FlaskClient, store: Any, tmp_path: Path, key_client: Any) -> None:
    filled, admin, wrong = populated.fill(store, tmp_path), key_client("admin"), {}
    for path in looking.addresses(app, filled):
        reply = admin.get(path, base_url=BELOW, headers={"Accept": "text/html"})
        if reply.mimetype == "text/html" and "sandbox" not in reply.headers["Content-Security-Policy"]:
            wrong[path] = [found for found in LEADS.findall(reply.text) if not found.startswith("/trawl/")]
    assert len(wrong) > 3 and {path: found for path, found in wrong.items() if found} == {}
