"""A job again with other arguments: the call that comes of names, and what becomes of secrets."""

from typing import Any

import pytest

import queues
from errors import ArgumentError, NotFound
from state.engine import payload
from state.store import connection, keys
from topics.operations import again, jobs


@queues.job(kind="againtest")
def call(a: int, /, b: int, *rest: int, c: int = 3, **more: Any) -> list[Any]:
    """Every sort of parameter."""
    return [a, b, list(rest), c, more]


@queues.job(kind="againtest")
def secret(name: str, token: str = "", config: dict[str, Any] | None = None) -> None:
    """With secrets."""


PATH = "tests.topics.operations.test_again.call"


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((1, 2), {}), ((1, 2, 3, 4), {"c": 5}), ((1,), {"b": 2, "d": 9}), ((1, 2, 3), {"d": 9, "c": 0})],
)
def test_a_call_by_the_names_of_its_parameters_is_the_same_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    named = payload.bind(call, PATH, args, kwargs)
    found = payload.unbind(call, PATH, {name: list(value) if name == "rest" else value for name, value in named.items()})
    assert call(*found[0], **found[1]) == call(*args, **kwargs)


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"a": 1, "b": 2, "x": 3}, "no argument 'x'"),
        ({"a": 1}, "missing"),
        ({"b": 1}, "missing"),
        ({"a": 1, "b": 2, "rest": 3}, "rest must be a JSON array"),
        ({"a": 1, "b": 2, "more": [1]}, "more must be a JSON object"),
        ({"a": 1, "b": 2, "more": {"b": 1}}, "multiple values"),
    ],
)
def test_what_is_no_call_of_it_is_refused(named: dict[str, Any], says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        payload.unbind(call, PATH, named)


def made(*args: Any) -> Any:
    return jobs.get_job_status(queues.submit(secret, *args).job_id)


def test_secrets_stay_where_they_stood_and_nowhere_else() -> None:
    job = made("x", "geheim", {"headers": {"A": "first", "B": "second"}, "password": "third", "list": [{"token": "fourth"}]})
    given = {
        "name": "***",
        "token": "***",
        "config": {"headers": {"B": "***", "C": "***"}, "password": "new", "list": [{"token": "***"}]},
    }
    found = again.changed(job, given, may_keep_secrets=True).arguments
    assert found["token"] == "geheim" and found["name"] == "***"
    assert found["config"] == {"headers": {"B": "second", "C": "***"}, "password": "new", "list": [{"token": "fourth"}]}
    with pytest.raises(ArgumentError, match="token is a secret"):
        again.changed(job, {"name": "y", "token": "***"}, may_keep_secrets=False)
    assert again.changed(job, {"name": "y", "token": "own"}, may_keep_secrets=False).arguments["token"] == "own"


def test_a_secret_within_an_address_stays_too() -> None:
    job = made("https://u:geheim@example.com/?token=abc")
    assert (
        again.changed(job, {"name": "https://u:***@example.com/?token=***"}, may_keep_secrets=True)
        .arguments["name"]
        .count("geheim")
    )
    with pytest.raises(ArgumentError, match="name is a secret"):
        again.changed(job, {"name": "https://u:***@example.com/?token=***"}, may_keep_secrets=False)
    assert again.changed(job, {"name": "https://u:***@elsewhere.example/"}, may_keep_secrets=True).arguments["name"].count("***")


def test_a_job_whose_call_is_gone_or_too_large_is_not_changed() -> None:
    job = made("x")
    large = made("x" * 40_000)
    with pytest.raises(NotFound, match="cannot be shown"):
        again.changed(large, {"name": "y"}, may_keep_secrets=True)
    connection.client().delete(keys.job(job.id))
    with pytest.raises(NotFound, match="No record"):
        again.changed(job, {"name": "y"}, may_keep_secrets=True)
    with pytest.raises(ArgumentError, match="JSON object"):
        again.changed(job, ["y"], may_keep_secrets=True)


def test_the_new_job_has_queue_and_labels_of_the_old_one_and_its_own_owner() -> None:
    with queues.owned_by("somebody"):
        old = jobs.get_job_status(queues.submit(secret, "x", queue="low", labels={"tag": "t", "project": "p"}).job_id)
    made = again.submit(old, again.call(again.changed(old, {"name": "y"}, may_keep_secrets=True)), "a" * 32)
    new = jobs.get_job_status(made.job_id)
    assert (new.queue, new.tag, new.project, new.retry_of, new.owner) == ("low", "t", "p", old.id, "")
    assert again.submit(old, again.call(again.changed(old, {"name": "z"}, may_keep_secrets=True)), "a" * 32).job_id == made.job_id
    assert jobs.get_job_status(made.job_id).description.endswith("secret('y', '', None)")
