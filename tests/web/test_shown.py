"""Somebody changes one field of what GET told and sends all of it: what cannot be changed is named as that, not as unknown."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

V1 = "/api/v1"


def project(client: FlaskClient) -> tuple[str, Any]:
    client.post(f"{V1}/projects", json={"domain": "example.com", "id": "p1"})
    return f"{V1}/projects/p1", client.get(f"{V1}/projects/p1").json


def keyword(client: FlaskClient) -> tuple[str, Any]:
    project(client)
    client.post(f"{V1}/projects/p1/keywords", json={"keywords": ["a"]})
    path = f"{V1}/keywords/{client.get(f'{V1}/projects/p1/keywords').json['items'][0]['id']}"
    return path, client.get(path).json


def key(client: FlaskClient) -> tuple[str, Any]:
    """Keys are shown in their list only."""
    made = client.get(f"{V1}/keys").json["items"][0]
    return f"{V1}/keys/{made['id']}", made


def budget(client: FlaskClient) -> tuple[str, Any]:
    return f"{V1}/budgets/project:a", client.get(f"{V1}/budgets/project:a").json


@pytest.mark.parametrize(("thing", "method"), [(project, "patch"), (keyword, "patch"), (key, "patch"), (budget, "put")])
def test_what_is_shown_and_not_changed_is_named_so(key_client: Any, thing: Callable[..., Any], method: str) -> None:
    client = key_client("admin")
    path, shown = thing(client)
    refused = getattr(client, method)(path, json=shown)
    assert refused.status_code == 422
    told = {one["field"]: one["message"] for one in refused.json["errors"]}
    assert not [message for message in told.values() if "no known field" in message]
    only = [name for name, message in told.items() if message.startswith("is shown only")]
    assert only and set(only) <= set(shown)

    kept = {name: value for name, value in shown.items() if name not in only and not isinstance(value, dict)}
    assert getattr(client, method)(path, json=kept).status_code == 200


def test_what_no_route_knows_stays_unknown_with_the_nearest_name(key_client: Any) -> None:
    client = key_client("admin")
    path, _ = project(client)
    [told] = client.patch(path, json={"naem": "x"}).json["errors"]
    assert told["message"] == "is no known field; did you mean name?"
