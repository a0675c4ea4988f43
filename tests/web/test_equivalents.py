"""Whatever a command can do, a route can; and where not, the reason is written down."""

import re
from collections.abc import Iterator
from typing import Any

import click
import pytest
from flask_openapi3.openapi import OpenAPI

from manage import cli
from web import equivalents, remedies


def leaves(group: Any, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that does something, by its words."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*words, name))
        else:
            yield " ".join((*words, name))


COMMANDS = sorted(leaves(cli))

#: A variable as the table writes it.
NAMED = r"{\1}"


def routes_of(app: OpenAPI) -> set[str]:
    """Every route as the table writes it: `GET /api/v1/projects/{project_id}`."""
    variable = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
    rules = app.url_map.iter_rules()
    return {f"{method} {variable.sub(NAMED, rule.rule)}" for rule in rules for method in rule.methods or ()}


def test_every_command_has_a_route_or_a_reason_why_not() -> None:
    told = {*equivalents.ROUTES, *equivalents.NONE}

    assert set(COMMANDS) - told == set(), "name the route of these in web/equivalents.py, or why there is none"
    assert told - set(COMMANDS) == set(), "these are no commands any more"
    assert not set(equivalents.ROUTES) & set(equivalents.NONE)
    assert all(equivalents.NONE.values())


def test_every_route_of_the_table_is_there(app: OpenAPI) -> None:
    told = {route for routes in equivalents.ROUTES.values() for route in routes}

    assert told - routes_of(app) == set()


@pytest.mark.parametrize("command", [name for name in COMMANDS if name in equivalents.ROUTES])
def test_an_error_names_the_route_and_not_the_command(command: str) -> None:
    said, _ = remedies.for_the_api(f"No such. `python manage.py {command} --all PROJECT` shows them.")

    assert said == f"No such. `{equivalents.ROUTES[command][0]}` shows them."


def test_what_has_no_route_keeps_its_command() -> None:
    text = "No worker runs: `python manage.py worker --queues low` starts one."

    assert remedies.for_the_api(text) == (text, "")


@pytest.mark.parametrize(
    ("command", "route"),
    [
        ("project activate example.com", "POST /api/v1/projects/example.com/activate"),
        ("resume queue:low", "DELETE /api/v1/pauses/queue:low"),
        ("schedule enable sweep", "POST /api/v1/schedule/sweep/enable"),
        ("hosts show a.example", "GET /api/v1/hosts/a.example"),
        ("limit set serp 5", "PUT /api/v1/limits/serp"),
        ("keyword list PROJECT", "GET /api/v1/projects/{project_id}/keywords"),
        ("hosts show ../x?y", "GET /api/v1/hosts/..%2Fx%3Fy"),
    ],
)
def test_the_route_has_the_arguments_of_the_command(command: str, route: str) -> None:
    assert remedies.for_the_api(f"Try `python manage.py {command}`.")[0] == f"Try `{route}`."
