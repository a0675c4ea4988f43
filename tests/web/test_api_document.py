"""docs/api.md names each resource of the API, and each thing that is done to one."""

import re
from pathlib import Path

from flask_openapi3.openapi import OpenAPI

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs/api.md").read_text()

#: Routes that other documents tell of: pages, rq-dashboard, Firecrawl's, the reader, the documentation itself.
OURS = ("/api/", "/scrape", "/business/insights", "/queue/")


def test_every_part_of_an_address_is_told_of(app: OpenAPI) -> None:
    told = set(re.findall(r"/([a-z][a-z-]*)", DOCUMENT))
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(OURS)]
    parts = {part: rule for rule in rules for part in rule.strip("/").split("/") if re.fullmatch("[a-z-]+", part)}
    assert len(rules) > 100 and not {part: rule for part, rule in parts.items() if part not in told}
