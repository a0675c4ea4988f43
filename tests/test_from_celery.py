"""docs/from-celery.md tells the truth: each route, command, setting and state that it names is there."""

import re
from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI

import config
import manage
import queues
from engine import registry
from models import JobStatus
from tests.test_docs import commands, missing
from tests.test_rows import sections_of
from tests.web.test_equivalents import routes_of
from topics.operations import states
from topics.scraping.config import queue_of
from web.app import create_app

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/from-celery.md"
TEXT = DOCUMENT.read_text()

#: The rows of its tables: what it was, and what it is.
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in TEXT.splitlines() if re.match(r"\| [^-]", line)]
HERE = "\n".join(" ".join(row[1:]) for row in ROWS if row[0] != "there") + TEXT[TEXT.index("## What was decided") :]

#: Words in capitals that are no settings.
NO_SETTINGS = {"GET", "POST", "PUT", "PATCH", "DELETE", "CSV", "TO", "COPY", "HEADER", "HTTP", "KEYS", "LRU", "CPU", "ID", "API"}


@pytest.fixture(scope="module")
def routes() -> set[str]:
    made: OpenAPI = create_app()
    return routes_of(made)


def named_routes(text: str) -> list[str]:
    return re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`]*)`", text)


def test_every_route_of_the_five_systems_and_of_ours_is_there(routes: set[str]) -> None:
    named = named_routes(TEXT)
    assert len(named) > 30 and not [route for route in named if route not in routes]


def test_every_command_and_option_is_there() -> None:
    known = commands(manage.cli)
    calls = [call.split() for call in re.findall(r"`python manage\.py ([^`]+)`", HERE)]
    assert len(calls) > 40
    for call in calls:
        words = " ".join(word for word in call if re.fullmatch("[a-z_-]+", word) and not word.startswith("-"))
        name = next((name for name in (words, " ".join(words.split()[:2]), words.split()[0]) if name in known), "")
        assert name, call
        options = {option for param in known[name].params for option in [*param.opts, *param.secondary_opts]}
        assert {word for word in call if word.startswith("--")} <= options, call
    every = {option for command in known.values() for param in command.params for option in param.opts}
    assert set(re.findall(r"`(--[a-z-]+)", HERE)) <= every


def test_every_setting_is_there() -> None:
    known = {name.upper() for name in config.Settings.model_fields}
    words = {*states.CELERY.values(), "HEALTHY", "DEGRADED", "UNHEALTHY"} | NO_SETTINGS
    named = set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\bPORT\b|\bWORKERS\b", re.sub(r"`[^`]*`", "", HERE)))
    assert len(named) > 20 and not named - known - words


def test_every_state_has_its_words() -> None:
    part = TEXT[TEXT.index("### States") : TEXT.index("### Queues")]
    rows = re.findall(r"^\| (\w+) \| ([A-Z]+) \| (.*) \|$", part, re.M)
    assert {status: state for status, state, _ in rows} == {status.value: states.CELERY[status] for status in JobStatus}
    for status, _, there in rows:
        words = set(re.findall(r"`([A-Za-z]+)`", there)) - {"eta", "countdown"}
        assert all(states.named(word) is JobStatus(status) for word in words), words


def test_every_queue_and_kind_is_there() -> None:
    registry.load_jobs()
    part = TEXT[TEXT.index("### Queues") : TEXT.index("### What a failure does")]
    rows = re.findall(r"^\| `.*\| ([^|]+) \| (\w+) \|$", part, re.M)
    assert len(rows) > 5 and {kind for _, kind in rows} <= set(registry.kinds().values())
    assert {word for cell, _ in rows for word in re.findall("high|default|low", cell)} == set(queues.QUEUES)


@pytest.mark.parametrize(("numbers", "queue"), [((1, 2, 3), "high"), ((4, 5, 6), "default"), ((7, 8, 9), "low")])
def test_numbers_that_count_down_are_those_of_the_table(numbers: tuple[int, ...], queue: str) -> None:
    assert {queue_of(number) for number in numbers} == {queue}


def test_every_file_and_every_link_leads_somewhere() -> None:
    named = set(re.findall(r"`([a-z_]+/[a-z_/.]*)`", HERE)) - {"services/part1/", "services/part2/"}
    assert named and not missing(named)
    assert not [link for link in re.findall(r"\]\(#([^)]+)\)", TEXT) if link not in sections_of(DOCUMENT)]
