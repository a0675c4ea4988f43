"""Every route that may change something leaves a line in the audit, whatever came of it."""

from collections.abc import Callable, Iterator

from flask_openapi3.openapi import OpenAPI
from werkzeug.routing import Rule

from tests.web.conftest import KeyClient
from topics.access import audit
from web import access

#: Routes that anybody may ask, and what shows who did.
PUBLIC = {
    "POST /login": "nobody is known yet; web/login.py writes who logged in and who was refused",
    "POST /login/link": "likewise, web/pages/login_link.py",
}

#: Routes that leave no line, and why.
NONE = {"POST /api/v1/networks/rotate": "without NETWORK_KEY it answers 503: nothing was done"}


def changing(app: OpenAPI) -> Iterator[tuple[str, Rule]]:
    """Each route that is no reading, with its method."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - access.SAFE):
            yield method, rule


def is_public(app: OpenAPI, rule: Rule) -> bool:
    return bool(getattr(app.view_functions[rule.endpoint], "is_public", False))


def test_every_route_that_may_change_something_leaves_a_line(app: OpenAPI, key_client: Callable[..., KeyClient]) -> None:
    client, silent, asked = key_client("admin"), [], 0
    for method, rule in changing(app):
        if is_public(app, rule):
            continue
        path = rule.build({name: 1 if "int" in str(rule._converters[name]).lower() else "x" for name in rule.arguments})[1]
        client.open(path, method=method, json={})
        asked += 1
        newest = audit.page(5, what=f"{method} {path}")[0]
        if not newest:
            silent.append(f"{method} {rule.rule}")
    assert asked > 100 and silent == list(NONE), "these leave no line: say why in NONE, or let web/audit.py write one"


def test_what_anybody_may_ask_is_named_here(app: OpenAPI) -> None:
    assert {f"{method} {rule.rule}" for method, rule in changing(app) if is_public(app, rule)} == set(PUBLIC)
