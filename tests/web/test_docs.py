"""/openapi.json and /docs: complete, and readable without scripts."""

import re
from collections.abc import Iterator

from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel

from web import docs, docs_page
from web.docs_page import type_of


def test_every_route_of_the_api_is_documented_with_its_usual_errors(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    assert {"/health", "/ready", "/api/v1/health"} <= set(paths)
    for path, item in paths.items():
        for method, operation in item.items():
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), (method, path)
            assert operation["summary"], (method, path)


def test_every_rule_of_a_documented_blueprint_is_in_the_document(app: OpenAPI, client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    documented = {(path, method.upper()) for path, item in paths.items() for method in item}
    names = {name for name, blueprint in app.blueprints.items() if getattr(blueprint, "paths", None)}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in names:
            path = docs.bare(rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert (path, method) in documented


def test_every_reference_of_the_document_leads_somewhere(client: FlaskClient) -> None:
    reply = client.get("/openapi.json")
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', reply.text))
    assert "ProblemModel" in named and named <= set(reply.json["components"]["schemas"])


def test_every_operation_has_an_id_of_its_own(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    ids = [operation["operationId"] for item in paths.values() for operation in item.values()]
    assert len(set(ids)) == len(ids)


def test_no_two_models_of_the_document_share_a_name(client: FlaskClient) -> None:
    named = client.get("/openapi.json").json["components"]["schemas"]
    shapes: dict[str, set[str]] = {}
    for model in models_below(BaseModel):
        if model.__module__.startswith("web.") and model.__name__ in named:
            shapes.setdefault(model.__name__, set()).add(repr(model.model_json_schema().get("properties")))
    assert len(shapes) > 100 and not [name for name, found in shapes.items() if len(found) > 1]


def models_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from models_below(each)


def test_public_routes_say_that_they_need_no_key(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    assert document["security"] == [{"key": []}] and "key" in document["components"]["securitySchemes"]
    assert document["paths"]["/health"]["get"]["security"] == []
    assert "security" not in document["paths"]["/api/v1/health"]["get"]


def test_the_page_lists_every_route_and_needs_no_script(client: FlaskClient) -> None:
    reply = client.get("/docs")
    for path, item in client.get("/openapi.json").json["paths"].items():
        assert f"<code>{path}</code>" in reply.text, item
    assert "<script" not in reply.text and "http://" not in reply.text and "https://" not in reply.text
    assert " style=" not in reply.text and " on" not in re.findall(r"<[^>]*>", reply.text)


def test_the_bare_address_leads_to_the_page(client: FlaskClient) -> None:
    reply = client.get("/", base_url="http://localhost/")
    assert reply.status_code == 303 and reply.headers["Location"] == "/docs"


def test_the_page_has_a_strict_policy_and_its_own_style_sheet(client: FlaskClient) -> None:
    policy = client.get("/docs").headers["Content-Security-Policy"]
    assert policy == docs.POLICY and "unsafe" not in policy and "script-src" not in policy
    assert client.get("/docs.css").mimetype == "text/css"


def test_types_are_said_in_words() -> None:
    document = {"components": {"schemas": {"Mode": {"enum": ["a", "b"]}, "Config": {"type": "object"}}}}
    assert type_of(document, {"type": "array", "items": {"type": "integer"}}) == "list of integer"
    assert type_of(document, {"anyOf": [{"type": "string"}, {"type": "null"}]}) == "string or null"
    assert type_of(document, {"$ref": "#/components/schemas/Mode"}) == '"a" or "b"'
    assert type_of(document, {"$ref": "#/components/schemas/Config"}) == "Config"


def test_every_route_has_its_place_on_the_page(client: FlaskClient, app: OpenAPI) -> None:
    groups = docs_page.groups(docs.document(app))
    assert [group["name"] for group in groups] == list(docs_page.GROUPS)
    assert sum(len(group["routes"]) for group in groups) == sum(map(len, docs.document(app)["paths"].values()))
