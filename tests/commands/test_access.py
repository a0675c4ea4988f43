"""`apikey`, `user`, `audit`: keys and people by command."""

import json
from typing import Any

import pytest

import queues
from jobs import scrape
from tests.commands.conftest import Run
from topics.access import api_keys, audit, passwords, tokens, users
from worker import inline


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:8:1")


def test_a_key_is_shown_once_and_stored_as_a_digest(run: Run, store: Any) -> None:
    made = run("apikey", "add", "ci", "--role", "viewer", "--days", "30", "--pages-a-month", "100")
    secret = made.stdout.strip()
    token = tokens.parse(secret)
    assert made.exit_code == 0 and token and "not shown again" in made.stderr
    assert api_keys.authenticate(token)
    held = store.hgetall(f"trawl:access:key:{token.id}")
    assert token.secret not in repr(held) and held[b"digest"].decode() == tokens.digest(token.secret)
    listed = run("apikey", "list")
    assert token.id in listed.stdout and token.secret not in listed.stdout and tokens.digest(token.secret) not in listed.stdout
    assert json.loads(run("apikey", "list", "--json").stdout)[0]["pages_left"] == 100


def test_a_key_is_revoked_by_name_or_id(run: Run) -> None:
    for by in ("name", "id"):
        key, secret = api_keys.add(f"by-{by}", "operator")
        assert "refuses it within 5 s" in run("apikey", "revoke", getattr(key, by)).stdout
        token = tokens.parse(secret)
        assert token and api_keys.authenticate(token) is None
    assert run("apikey", "revoke", "nothing").exit_code == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("ci", "--role", "god"), "there are viewer, operator, admin"),
        (("", "--role", "viewer"), "the name"),
        (("a\nb",), "the name"),
        (("ci", "--days", "0"), "days must be"),
        (("ci", "--days", "nan"), "days must be"),
        (("ci", "--rate", "-1"), "rate must be"),
        (("ci", "--pages-a-month", "0"), "pages_a_month must be"),
    ],
)
def test_a_key_that_cannot_be_is_refused_with_the_remedy(run: Run, args: tuple[str, ...], says: str) -> None:
    with pytest.raises(Exception, match=says):
        result = run("apikey", "add", *args)
        raise AssertionError(result.output)


def test_two_keys_of_one_name_are_not_made(run: Run) -> None:
    api_keys.add("ci", "viewer")
    with pytest.raises(Exception, match="revoke it first"):
        raise AssertionError(run("apikey", "add", "ci").output)


def test_a_person_is_made_with_a_password_from_standard_input_and_never_from_an_argument(run: Run) -> None:
    made = run("user", "add", "Ada", "--role", "operator", input="correct horse battery\n")
    assert made.exit_code == 0 and "ada may log in as operator" in made.stdout and "horse" not in made.output
    stored = users.password_of("ada")
    assert stored and passwords.fits("correct horse battery", stored)
    assert "--password" not in run("user", "add", "--help").output
    assert "ada" in run("user", "list").stdout


@pytest.mark.parametrize("typed", ["", "short\n", "x" * 201 + "\n", "ada@example.com\n"])
def test_a_password_that_is_none_is_refused(run: Run, typed: str) -> None:
    with pytest.raises(Exception, match="password"):
        raise AssertionError(run("user", "add", "ada@example.com", input=typed).output)
    assert users.every() == []


def test_a_person_gets_another_password_and_is_removed(run: Run) -> None:
    users.add("ada", "admin", "correct horse battery")
    assert run("user", "passwd", "ada", input="another password\n").exit_code == 0
    assert passwords.fits("another password", users.password_of("ada"))
    assert run("user", "remove", "ada", "--yes").exit_code == 0 and users.every() == []


def test_commands_leave_a_line_in_the_audit_without_secrets(run: Run) -> None:
    secret = run("apikey", "add", "ci").stdout.strip()
    run("user", "add", "ada", input="correct horse battery\n")
    run("pause", "queue:low", "--reason", "we move", "--by", "ada")
    found = audit.page()[0]
    assert [(one.how, one.what, one.outcome) for one in found] == [
        ("command", "manage.py pause", "done"),
        ("command", "manage.py user add", "done"),
        ("command", "manage.py apikey add", "done"),
    ]
    assert "reason=we move" in found[0].details and "scope=queue:low" in found[0].details
    assert secret not in repr(found) and "horse" not in repr(found)
    shown = run("audit", "--what", "PAUSE")
    assert "we move" in shown.stdout and "apikey" not in shown.stdout


def test_a_command_that_fails_says_so_in_the_audit(run: Run) -> None:
    with pytest.raises(Exception, match="revoke it first"):
        api_keys.add("ci", "viewer")
        raise AssertionError(run("apikey", "add", "ci").output)
    assert audit.page()[0][0].outcome == "failed: AlreadyExists"


def test_jobs_are_listed_by_the_key_that_submitted_them(run: Run) -> None:
    with queues.owned_by("key1"):
        mine = queues.submit(scrape.process_content, "text").job_id
    queues.submit(scrape.process_content, "other")
    assert [one["id"] for one in json.loads(run("jobs", "list", "--owner", "key1", "--json").stdout)["jobs"]] == [mine]
    inline.run_until_idle()
    assert [one["id"] for one in json.loads(run("history", "--owner", "key1", "--json").stdout)["jobs"]] == [mine]


def test_limits_and_roles_are_changed(run: Run) -> None:
    api_keys.add("ci", "operator", pages_a_month=5)
    assert run("apikey", "set", "ci", "--pages-a-month", "70", "--rate", "0").exit_code == 0
    assert (api_keys.find("ci").pages_a_month, api_keys.find("ci").rate) == (70, 0)
    assert run("apikey", "set", "ci", "--pages-a-month", "none", "--role", "viewer").exit_code == 0
    assert (api_keys.find("ci").pages_a_month, api_keys.find("ci").role.word) == (None, "viewer")
    for wrong in (("--rate", "x"), ("--days", "nan"), ("--role", "god"), ()):
        assert "Error" in said(run, "apikey", "set", "ci", *wrong)
    users.add("ada", "viewer", "correct horse battery")
    assert "ada is admin now" in run("user", "role", "ada", "admin").stdout
    assert users.find("ada").role.word == "admin"


def said(run: Run, *args: str) -> str:
    """What a command says, or the error that would be said."""
    try:
        return str(run(*args).output)
    except Exception as exc:
        return f"Error: {exc}"
