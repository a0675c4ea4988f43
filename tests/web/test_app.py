"""The application: wrong requests, the right status, and a body that names the field and the remedy."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field

import errors
from web import errors as web_errors
from web.app import create_app, register_api
from web.models import Strict


class Inner(Strict):
    max_pages: int = Field(1, ge=1)


class Body(Strict):
    url: str
    config: Inner = Inner()


class Query(Strict):
    limit: int = Field(100, ge=1, le=1000)


RAISED: dict[str, Exception] = {
    "gone": web_errors.Problem(410, "The result is no longer kept.", job_id="j"),
    "missing": errors.NotFound("There is no job j."),
    "conflict": errors.Conflict("Another call holds it."),
    "state": errors.WrongState("It has ended.", ["retry"]),
    "address": errors.RefusedAddress("It is private."),
    "robots": errors.NotAllowed("robots.txt forbids it."),
    "config": errors.ConfigError("SCRAPEDO_TOKEN is not set"),
    "store": errors.StoreUnreachable("Redis at redis://:secret@h:1/0 does not answer."),
    "bug": ZeroDivisionError("token=oak-wood"),
}


@pytest.fixture(scope="module")
def trial() -> Iterator[FlaskClient]:
    """An application with routes made for this file."""
    api = APIBlueprint("trial", __name__, url_prefix="/trial")

    @api.post("/pages")
    def pages(body: Body) -> dict[str, Any]:
        return body.model_dump()

    @api.get("/pages")
    def listed(query: Query) -> dict[str, Any]:
        return query.model_dump()

    def raising(name: str) -> None:
        raise RAISED[name]

    app = create_app()
    register_api(app, api)
    app.add_url_rule("/raise/<name>", view_func=raising)
    with app.test_client() as client:
        yield client


def test_an_unknown_address_is_404_and_says_where_the_list_is(client: FlaskClient) -> None:
    reply = client.get("/nowhere")
    assert (reply.status_code, reply.mimetype) == (404, "application/problem+json")
    assert "/openapi.json" in reply.json["detail"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/health/"), ("POST", "/scrape/"), ("GET", "/api/v1/jobs/status/x/")])
def test_an_address_with_one_slash_too_many_is_told_of_it(client: FlaskClient, method: str, path: str) -> None:
    reply = client.open(path, method=method)
    assert reply.status_code == 404 and "leave out the / at its end" in reply.json["detail"]
    assert "leave out" not in client.get("/nowhere/").json["detail"]


def test_a_wrong_method_is_405_and_names_the_right_ones(trial: FlaskClient) -> None:
    reply = trial.delete("/trial/pages")
    assert reply.status_code == 405
    assert {"GET", "POST"} <= {method.strip() for method in reply.headers["Allow"].split(",")}


def test_a_good_body_passes(trial: FlaskClient) -> None:
    assert trial.post("/trial/pages", json={"url": "u", "config": {"max_pages": 3}}).json["config"] == {"max_pages": 3}


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 400, "no JSON"),
        (b"\xff\xfe", 400, "no JSON"),
        (b"", 400, "no JSON"),
        (b'{"url": NaN}', 400, "NaN"),
        (b'{"url": "a", "url": "b"}', 400, "'url' twice"),
        (b'"{\\"url\\": \\"u\\"}"', 422, "must be a JSON object"),
        (b"[" * 100_000, 422, "deeper"),
        (b"[" * 40 + b"]" * 40, 422, "deeper"),
        (b'{"url": "a\\u0000b"}', 422, "NUL"),
        (b'{"url": "\\ud800"}', 422, "surrogate"),
        (b"{}", 422, "url: field required"),
        (b'{"url": "u", "config": {"max_pages": 0}}', 422, "config.max_pages: input should be greater"),
        (b'{"url": "u", "config": {"max_page": 2}}', 422, "config.max_page: is no known field; did you mean max_pages?"),
        (b'{"url": "u", "config": {"max_pages": 1e400}}', 422, "config.max_pages"),
        (b"[]", 422, "dictionary"),
        (b"null", 422, "dictionary"),
    ],
)
def test_a_wrong_body_is_refused_and_the_field_named(trial: FlaskClient, body: bytes, status: int, says: str) -> None:
    reply = trial.post("/trial/pages", data=body, content_type="application/json")
    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")
    assert says in reply.json["detail"]


def test_another_content_type_is_415_and_names_the_right_one(trial: FlaskClient) -> None:
    reply = trial.post("/trial/pages", data="url=u", content_type="application/x-www-form-urlencoded")
    assert reply.status_code == 415 and "application/json" in reply.json["detail"]


def test_a_body_over_the_limit_is_413_and_names_the_setting(trial: FlaskClient) -> None:
    reply = trial.post("/trial/pages", data=b" " * (1024 * 1024 + 1), content_type="application/json")
    assert reply.status_code == 413 and "WEB_MAX_BODY_KB" in reply.json["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=1001", "limits=1"])
def test_a_wrong_query_is_422_and_names_the_field(trial: FlaskClient, query: str) -> None:
    reply = trial.get(f"/trial/pages?{query}")
    assert reply.status_code == 422
    assert reply.json["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("name", "status"),
    [("gone", 410), ("missing", 404), ("conflict", 409), ("state", 409), ("address", 422), ("robots", 403), ("config", 503)],
)
def test_an_error_of_ours_has_its_status(trial: FlaskClient, name: str, status: int) -> None:
    reply = trial.get(f"/raise/{name}")
    assert (reply.status_code, reply.json["detail"]) == (status, str(RAISED[name]))


def test_redis_away_is_503_with_a_time_and_without_its_password(trial: FlaskClient) -> None:
    reply = trial.get("/raise/store")
    assert reply.status_code == 503 and int(reply.headers["Retry-After"]) > 0
    assert "secret" not in reply.text


def test_a_bug_is_500_and_tells_only_the_id_of_the_log_line(trial: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    reply = trial.get("/raise/bug")
    assert reply.status_code == 500 and "oak-wood" not in reply.text and "Zero" not in reply.text
    assert reply.json["error_id"] in {record.error_id for record in caplog.records}  # type: ignore[attr-defined]


def test_a_room_may_write_errors_in_its_own_shape(trial: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(status: int, detail: str, fields: Any, code: str) -> Any:
        return web_errors.Response(f"{status} {code} {detail}", status)

    monkeypatch.setitem(web_errors.writers, "/raise/", written)
    assert trial.get("/raise/missing").text == "404 not_found There is no job j."


def test_two_methods_of_one_path_in_two_files_are_both_documented() -> None:
    first, second = APIBlueprint("first", __name__), APIBlueprint("second", __name__)
    first.get("/same")(lambda: {})
    second.delete("/same")(lambda: {})
    app = create_app()
    register_api(app, first)
    register_api(app, second)
    assert {"get", "delete"} <= set(app.test_client().get("/openapi.json").json["paths"]["/same"])


def test_a_wrong_request_gets_back_a_short_error_however_long_it_was(trial: FlaskClient) -> None:
    for body in ({"url": "u", "k" * 500_000: 1}, {"url": "u", **{f"k{n}": 1 for n in range(5000)}}):
        reply = trial.post("/trial/pages", json=body)
        assert reply.status_code == 422 and len(reply.text) < 40_000


def test_texts_are_checked_however_deep_they_stand(trial: FlaskClient) -> None:
    reply = trial.post("/trial/pages", data=b'{"url": "u", "config": [{"a": ["\\ud800"]}]}', content_type="application/json")
    assert reply.status_code == 422 and reply.json["errors"][0]["field"] == "config.0.a.0"


@pytest.mark.parametrize(("depth", "says"), [(31, "valid string"), (32, "deeper than 32 levels")])
def test_as_much_depth_as_is_allowed_is_read_and_one_more_is_not(trial: FlaskClient, depth: int, says: str) -> None:
    body = b'{"url": ' + b"[" * depth + b"1" + b"]" * depth + b"}"
    reply = trial.post("/trial/pages", data=body, content_type="application/json")
    assert reply.status_code == 422 and says in reply.json["detail"]
