"""`pause`, `resume`, `pauses`, `why` and where else a pause is seen."""

import json
from datetime import timedelta
from typing import Any

import pytest

import clock
import models
import queues
from state.engine import limits, pauses
from state.store import connection, keys
from tests.commands.conftest import Run
from topics.operations import pauses as by_hand


@queues.job(queue="low", kind="pausable")
def work(number: int) -> int:
    """A job that can be paused."""
    return number


def test_a_pause_is_set_listed_and_ended(run: Run) -> None:
    made = run("pause", "queue:low", "--reason", "provider in trouble", "--for", "2h", "--by", "ada")
    assert made.exit_code == 0 and "The queue low is paused by ada since" in made.stdout and "resume queue:low" in made.stdout
    for command in (("pause",), ("pauses",)):
        shown = run(*command, "--json")
        [one] = json.loads(shown.stdout)
        assert (one["scope"], one["reason"], one["actor"]) == ("queue:low", "provider in trouble", "ada")
        assert "queue:low" in run(*command).stdout
    ended = run("resume", "queue:low")
    assert ended.exit_code == 0 and "goes on" in ended.stdout
    assert run("pauses").stdout == "Nothing is paused.\n"


def test_the_user_of_the_machine_is_the_one_who_pauses(run: Run) -> None:
    import getpass

    run("pause", "queue:low", "--reason", "x")
    assert pauses.every()[0].actor == getpass.getuser()


def test_until_takes_a_time_with_its_zone(run: Run) -> None:
    later = clock.now() + timedelta(days=1)
    assert run("pause", "queue:low", "--reason", "x", "--until", f"{later:%Y-%m-%dT%H:%M}+02:00").exit_code == 0
    until = pauses.every()[0].until
    assert until and until == later.replace(second=0, microsecond=0) - timedelta(hours=2)


@pytest.mark.parametrize(
    "args,says",
    [
        (("queue:lwo", "--reason", "x"), "low"),
        (("kind:srep", "--reason", "x"), "serp"),
        (("provider:scrapdo", "--reason", "x"), "scrapedo"),
        (("project:example.co", "--reason", "x"), "example.com"),
        (("schedule:swep", "--reason", "x"), "sweep"),
        (("quee:low", "--reason", "x"), "did you mean queue:low"),
        (("low", "--reason", "x"), "queue:low"),
        (("queue:", "--reason", "x"), "e.g. queue:low"),
        (("host:a b", "--reason", "x"), "is no host"),
        (("host:*", "--reason", "x"), "is no host"),
        (("host:a:b:c", "--reason", "x"), "is no host"),
        (("queue:low",), "--reason"),
        (("queue:low", "--reason", " \n "), "--reason says nothing"),
        (("queue:low", "--reason", "x" * 201), "at most 200"),
        (("queue:low", "--reason", "x", "--by", "\u202e"), "--by says nothing"),
        (("queue:low", "--reason", "x", "--for", "2h", "--until", "2999-01-01T00:00Z"), "exclude each other"),
        (("queue:low", "--reason", "x", "--until", "2999-01-01T00:00"), "needs its zone"),
        (("queue:low", "--reason", "x", "--until", "2999-01-01T00:00Z"), "ten years"),
        (("queue:low", "--reason", "x", "--until", "2001-01-01T00:00Z"), "over already"),
        (("queue:low", "--reason", "x", "--until", "tomorrow"), "is no time"),
        (("queue:low", "--reason", "x", "--for", "0s"), "over already"),
        (("queue:low", "--reason", "x", "--for", "999999d"), "ten years"),
    ],
)
def test_what_cannot_be_paused_is_refused_with_the_nearest_name(
    run: Run, project: models.Project, store: Any, args: tuple[str, ...], says: str
) -> None:
    import scheduler
    from scheduling import loop

    loop.Scheduler().register(scheduler.table())
    done = run("pause", *args)
    assert done.exit_code == 2 and says in done.output and not store.exists(keys.PAUSES)


@pytest.mark.parametrize(
    "given,meant",
    [
        ("host:WWW.Example.COM.", "host:www.example.com"),
        ("host:https://user@www.example.com:8080/page?x", "host:www.example.com"),
        ("host:b\u00fccher.example", "host:xn--bcher-kva.example"),
        ("host:[2001:DB8::1]", "host:2001:db8::1"),
        ("host:2001:DB8::1", "host:2001:db8::1"),
        ("host:192.0.2.7", "host:192.0.2.7"),
        ("queue:normal", "queue:default"),
        (" kind:pausable ", "kind:pausable"),
    ],
)
def test_a_scope_has_one_normal_form(given: str, meant: str) -> None:
    assert by_hand.checked(given) == meant


def test_who_resumes_what_is_not_paused_is_told_what_is(run: Run) -> None:
    run("pause", "queue:low", "--reason", "x")
    done = run("resume", "queue:high")
    assert done.exit_code == 1 and "queue:high is not paused: paused are queue:low" in done.output


def test_a_pause_of_what_is_gone_by_now_can_be_ended(run: Run) -> None:
    pauses.put("project:gone", "x", "ada")
    assert run("resume", "project:gone").exit_code == 0


def test_a_pause_is_seen_in_status_doctor_why_and_in_the_answer_to_a_submit(run: Run, keyword: models.Keyword) -> None:
    limits.announce(queues.kinds())
    run("pause", "kind:pausable", "--reason", "provider in trouble", "--by", "ada")
    run("pause", f"project:{keyword.project_id}", "--reason", "owner asked", "--by", "bob")
    done = queues.submit(work, 1)
    says = "The kind pausable is paused by ada since"
    assert [one for one in done.warnings if says in one and "provider in trouble" in one and "resume kind:pausable" in one]
    for command in (("status",), ("doctor",), ("why", done.job_id)):
        assert says in run(*command).stdout, command
    assert json.loads(run("why", done.job_id, "--json").stdout)["state"] == "queued"
    shown = run("keyword", "show", keyword.id).stdout
    assert f"The project {keyword.project_id} is paused by bob since" in shown and "owner asked" in shown
    assert "paused by bob since" in run("project", "show", keyword.project_id).stdout
    assert "paused by bob since" in run("why", "blue shoes", "--project", keyword.project_id).stdout


def test_a_thousand_pauses_are_summed_up(run: Run) -> None:
    for number in range(1200):
        pauses.put(f"host:h{number}.example", "x", "ada")
    shown = run("status").stdout
    assert shown.count("is paused by ada") == 20 and "1,180 more are paused" in shown
    assert len(json.loads(run("pauses", "--json").stdout)) == 1200
    connection.client().delete(keys.PAUSES)


def test_what_a_reason_says_steers_no_terminal(run: Run) -> None:
    run("pause", "queue:low", "--reason", "a\x1b[31m\n b\u202ec", "--by", "x\ty")
    [pause] = pauses.every()
    assert (pause.reason, pause.actor) == ("a [31m b c", "x y")
