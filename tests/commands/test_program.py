"""The program around the commands: help, exit codes, one line an error, and never a secret."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import redis
from click.testing import CliRunner
from pydantic import SecretStr

import config
import errors
from manage import cli
from state.store import connection
from tests import patience
from tests.commands.conftest import Run, answers
from tests.local import real
from topics.tracking import projects

READS = {
    "project list", "project show", "project note list", "keyword list", "keyword show", "keyword history", "status", "check",
    "doctor", "reset_processing_flags", "serp export", "schedule list", "limit list", "pauses", "why", "hosts list", "hosts show",
    "hosts limits", "scrape show", "scrape result", "scrape reparse", "jobs list", "jobs show", "jobs progress", "history",
    "stats", "events", "failures list", "health", "inspect active", "inspect stats", "inspect queues", "inspect ping",
    "keyword day", "keyword compare", "keyword competitors", "project pages",
    "apikey list", "user list", "audit", "webhook list", "webhook deliveries", "webhook test",
    "project shares", "project competitors", "schedule runs", "scrape list", "budget show", "budget ledger",
    "alerts list", "alerts show", "alerts rules",
    "export", "backup",
    "business list", "business show", "business ask", "network list", "network show", "forms list", "forms show",
    "lead list", "lead show", "lead result",
    "lead explain", "lead top", "lead model",
    "analytics show", "analytics analyze",
    "policy", "maintenance reports",
}  # fmt: skip
GROUPS = {
    "scrape", "project", "project note", "keyword", "serp", "schedule", "limit", "jobs", "failures", "inspect", "hosts",
    "apikey", "user", "webhook", "alerts", "budget", "business", "network", "forms", "lead",
    "analytics", "maintenance",
}  # fmt: skip
PROCESSES = {"web", "worker", "scheduler", "redis", "up", "demo", "sandbox"}

KEYWORD, FAILURE, DELIVERY = "abcdefghijkl", "0" * 16, "00000000-0000-0000-0000-000000000000"  # of a form that ids have

#: Every command that writes, with arguments in which nothing is wrong; they are refused before these are looked up.
WRITES = {
    "project add": ["a.com"],
    "project set": ["p", "--depth", "20"],
    "project activate": ["p"],
    "project deactivate": ["p"],
    "project remove": ["p", "--yes"],
    "project share": ["p"],
    "project unshare": ["p", "id"],
    "project pin": ["p", "rival.com"],
    "project unpin": ["p", "rival.com"],
    "web_login": ["ada"],
    "import": ["file.jsonl"],
    "restore": ["file.jsonl"],
    "project note add": ["p", "text"],
    "project note remove": ["p", "id"],
    "keyword add": ["p", "text"],
    "keyword bulk": ["p", "archive", "--yes"],
    "keyword respell": ["p", "text"],
    "keyword set": [KEYWORD, "--tag", "x"],
    "keyword import": ["file.csv", "--project", "p"],
    "keyword archive": [KEYWORD],
    "keyword unarchive": [KEYWORD],
    "keyword remove": [KEYWORD, "--yes"],
    "business scrape": ["https://example.com/"],
    "lead add": ["--name", "x"],
    "lead scrape": ["https://example.com/"],
    "lead search": ["bakery ulm"],
    "lead process": ["--all"],
    "lead tag": ["id", "--add", "x"],
    "lead remove": ["id", "--yes"],
    "lead import": ["file.csv"],
    "lead score": ["--all"],
    "lead enrich": ["id"],
    "analytics report": [],
    "network add": ["https://example.com/", "--name", "x"],
    "network set": ["1", "--name", "x"],
    "network remove": ["1", "--yes"],
    "network rotate": [],
    "forms discover": ["1"],
    "forms analyze": ["1"],
    "alerts test": [],
    "alerts quiet": ["2h"],
    "budget set": ["system", "--usd", "5"],
    "budget refund": ["system", "--usd", "5", "--reason", "x"],
    "serp batch": [],
    "serp check": [KEYWORD],
    "serp reparse": [],
    "serp resume": [],
    "schedule run": ["sweep"],
    "schedule enable": ["sweep"],
    "schedule disable": ["sweep"],
    "limit set": ["serp", "5"],
    "limit remove": ["serp"],
    "scrape url": ["https://example.com/"],
    "scrape batch": ["file.csv"],
    "scrape crawl": ["https://example.com/"],
    "scrape map": ["https://example.com/"],
    "scrape stop": ["id"],
    "scrape continue": ["id"],
    "scrape replay": ["id"],
    "hosts reset": ["example.com"],
    "hosts limit": ["example.com", "--per-minute", "5"],
    "pause": ["queue:low", "--reason", "x"],
    "resume": ["queue:low"],
    "jobs cancel": ["id"],
    "jobs retry": ["id"],
    "jobs bulk": ["cancel", "--yes"],
    "failures retry": [FAILURE, "--yes"],
    "failures mute": [FAILURE],
    "failures unmute": [FAILURE],
    "maintenance cleanup": ["--yes"],
    "maintenance statistics": [],
    "maintenance health-check": [],
    "maintenance optimize": ["--yes"],
    "jobs cleanup": ["--days", "9", "--yes"],
    "apikey add": ["shop"],
    "apikey set": ["shop", "--rate", "9"],
    "apikey revoke": ["shop"],
    "user add": ["ada"],
    "user passwd": ["ada"],
    "user role": ["ada", "admin"],
    "user remove": ["ada", "--yes"],
    "webhook add": ["https://example.com/", "--name", "x"],
    "webhook on": ["id"],
    "webhook off": ["id"],
    "webhook remove": ["id"],
    "webhook resend": [DELIVERY],
    "webhook secret": [],
}


def leaves(group: click.Group = cli, above: str = "") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found |= leaves(command, f"{above}{name} ") if isinstance(command, click.Group) else {above + name: command}
    return found


def test_every_command_is_one_that_reads_one_that_writes_or_a_process() -> None:
    assert set(leaves()) == READS | set(WRITES) | PROCESSES


@pytest.mark.parametrize("name", sorted({*READS, *WRITES, *PROCESSES, *GROUPS}))
def test_every_command_has_a_help_text(run: Run, name: str) -> None:
    result = run(*name.split(), "--help")

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()[2].strip()) > 15, "one sentence behind the usage"
    assert "╭" not in result.stdout, "plain text in a pipe"


@pytest.mark.parametrize("name", sorted(leaves()))
def test_every_option_has_a_help_text(name: str) -> None:
    assert [option.name for option in leaves()[name].params if isinstance(option, click.Option) and not option.help] == []


@pytest.mark.parametrize("name", sorted(READS))
def test_every_reading_command_has_json(name: str) -> None:
    assert "--json" in [flag for option in leaves()[name].params for flag in option.opts]


def test_help_loads_no_heavy_library() -> None:
    code = "import sys, manage\ntry: manage.cli(['--help'])\nexcept SystemExit: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=config.ROOT, capture_output=True, text=True, check=True)

    assert not {"redis", "rq", "pydantic", "requests", "boto3", "config"} & set(done.stderr.split())


@pytest.mark.parametrize(
    "command", ["keyword list oak", "keyword --help", "project list", "status", "serp export --project oak", "limit list"]
)
def test_a_command_loads_nothing_that_only_pages_and_routes_need(command: str) -> None:
    """Whether it finds a Redis or not: what it needs is loaded before it asks."""
    code = f"import sys, manage\ntry: manage.cli({command.split()})\nfinally: print(*sys.modules, file=sys.stderr)"
    nowhere = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run([sys.executable, "-c", code], cwd=config.ROOT, capture_output=True, text=True, check=False, env=nowhere)
    loaded = set(done.stderr.splitlines()[-1].split())

    assert "manage" in loaded
    assert not {"flask", "jinja2", "boto3", "curl_cffi", "selectolax", "lxml", "trafilatura", "phonenumbers", "openpyxl"} & loaded


def test_a_dash_may_stand_for_an_underscore(run: Run) -> None:
    assert run("reset-processing-flags").stdout == run("reset_processing_flags").stdout != ""


@pytest.mark.parametrize("name", sorted(WRITES))
def test_a_server_that_may_evict_is_refused_by_every_command_that_writes(
    run: Run, name: str, store: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    lists = {"keyword import": "keyword\nblue shoes\n", "lead import": "name,website\nAcme,https://acme.example/\n"}
    Path("file.csv").write_text(lists.get(name, "https://example.com/\n"))
    if name in ("import", "restore"):
        projects.add("example.com")
        assert run("export" if name == "import" else "backup", "file.jsonl").exit_code == 0
        store.flushall()
    answers(monkeypatch, maxmemory_policy="allkeys-lru")

    with config.overridden(network_key=SecretStr("x" * 43 + "=")):
        result = run(*name.split(), *WRITES[name], input="a good long password 1\n" * 2)

    assert (result.exit_code, store.dbsize()) == (1, 0)
    assert result.stderr.startswith("Error: maxmemory-policy is allkeys-lru") and result.stderr.count("\n") == 1
    assert "CONFIG SET maxmemory-policy noeviction" in result.stderr


def test_freeing_claims_is_refused_on_such_a_server_and_showing_them_is_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, maxmemory_policy="allkeys-lru")

    assert run("reset_processing_flags", "--all").exit_code == 1
    assert run("reset_processing_flags").exit_code == 0


def test_a_server_that_forgets_after_a_crash_is_warned_of(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, aof_enabled=0)

    result = run("project", "add", "a.com")

    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: appendonly is off") and "Warning" not in result.stdout


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("redis://:hunter2@127.0.0.1:1/0", "Error: Redis at 127.0.0.1:1/0 does not answer: connection refused. Start one with"),
        ("http://:hunter2@127.0.0.1", "must begin with redis://, rediss://, unix:// or redis+sentinel://"),
        ("rediss//:hunter2@127.0.0.1", "must begin with redis://, rediss://, unix:// or redis+sentinel://"),
        ("redis://u:hunter2@127.0.0.1:port/0", "REDIS_URL=***: has a port that is no number from 1 to 65535"),
        ("", "Error: No Redis: REDIS_URL is not set and no embedded server runs here. Start one with `python manage.py redis`"),
    ],
)
@pytest.mark.parametrize("command", [["status"], ["serp", "batch"], ["serp", "export"]])
def test_no_redis_is_one_line_with_the_remedy_and_without_the_password(
    tmp_path: Path, url: str, says: str, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "_override", None)
    connection.use(None)
    for name, value in {"REDIS_URL": url, "DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    config.reload()

    result = CliRunner().invoke(cli, command, catch_exceptions=False)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert says in result.stderr and "hunter2" not in result.stderr


@pytest.mark.real_redis
def test_a_wrong_password_is_one_line_that_does_not_say_it(run: Run, store: Any, real_server: str) -> None:
    store.config_set("requirepass", "another")
    try:
        with config.overridden(redis_url=real_server.replace("unix://", "unix://:hunter2@")):
            connection.use(None)
            result = run("status")
    finally:
        connection.use(store)
        store.config_set("requirepass", "")

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith("Error: Redis refuses the password or user in REDIS_URL")
    assert "hunter2" not in result.stderr


def test_an_error_says_no_token_and_stays_on_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise errors.NetworkError("https://api.example?token=abc123&x=1\nbroke\x1b[2J; redis://:hunter2@h")

    monkeypatch.setattr("topics.operations.status.now", fail)

    result = run("status")

    assert result.exit_code == 1
    assert result.stderr == "Error: https://api.example?token=***&x=1 broke\\x1b[2J; redis:***@h\n"


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["keyword", "show", "nope"], 1, "Error: No keyword 'nope'"),
        (["keyword", "show", "nope:ranks"], 1, "Error: No keyword 'nope:ranks'"),
        (["project", "show", "nope"], 1, "Error: No project nope. `python manage.py project list` shows"),
        (["project", "show", "nope:due"], 2, "is no project id"),
        (["keyword", "list", "nope"], 1, "Error: No project nope."),
        (["serp", "reparse", "--project", "nope"], 1, "Error: No project nope."),
        (["project", "add", "not a domain"], 2, "Error: domain 'not a domain' cannot be tracked"),
        (["project", "add", "a.com", "--depth", "7"], 2, "Error: --depth 7 must be 10, 20"),
        (["project", "add", "a.com", "--weight", "nan"], 2, "Error: --weight nan must be"),
        (["serp", "reparse", "--day", "2026-13-01"], 2, "See `cli serp reparse --help`"),
        (["bogus"], 2, "Error: No such command 'bogus'. See `cli --help`."),
    ],
)
def test_what_is_wrong_is_one_line_and_an_exit_code(run: Run, args: list[str], code: int, says: str) -> None:
    result = run(*args)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (code, "", 1)
    assert says in result.stderr


def test_ctrl_c_is_exit_code_130_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("topics.operations.status.now", interrupt)

    result = run("status")

    assert (result.exit_code, result.output) == (130, "")


def test_what_nobody_expected_keeps_its_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("topics.operations.status.now", fail)

    with pytest.raises(ZeroDivisionError):
        run("status")


def test_a_redis_that_refuses_writes_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise redis.ResponseError("MISCONF Errors writing to the AOF file")

    monkeypatch.setattr("state.store.scripts.run_together", fail)

    result = run("project", "add", "a.com")

    assert result.exit_code == 1 and result.stderr.startswith("Error: Redis refuses writes: MISCONF")


@pytest.mark.real_redis
def test_a_reader_that_goes_away_ends_a_command_quietly(run: Run, real_server: str) -> None:
    run("project", "add", "example.com")
    run("keyword", "add", "example.com", *(f"a keyword of some length, number {number}" for number in range(3000)))
    code = f"exec {sys.executable} manage.py serp export"
    env = real.environment({"REDIS_URL": real_server, "PYTHONUNBUFFERED": ""})

    head = subprocess.run(
        ["sh", "-c", f"({code}) | head -n 1"],
        cwd=config.ROOT,
        env=env,
        text=True,
        capture_output=True,
        timeout=patience.HANG_S,
        check=False,
    )

    assert (head.stdout.count("\n"), head.stderr) == (1, "")


@pytest.mark.real_redis
def test_a_real_ctrl_c_ends_with_130_and_says_nothing(real_server: str, tmp_path: Path) -> None:
    env = real.environment({"REDIS_URL": real_server, "PYTHONUNBUFFERED": ""})
    # a shell script starts its background programs with SIGINT ignored (`make test &`), and each inherits that
    listening = "import signal, runpy, sys; signal.signal(signal.SIGINT, signal.default_int_handler); sys.argv = sys.argv[1:]; "
    command = [sys.executable, "-u", "-c", f"{listening}runpy.run_path('manage.py', run_name='__main__')"]
    command += ["manage.py", "status", "--watch"]
    with subprocess.Popen(command, cwd=config.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=patience.HANG_S)

    assert (process.returncode, said) == (130, b"")


@pytest.mark.real_redis
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", [["status"], ["serp", "export"]])
def test_a_full_standard_output_is_one_line(real_server: str, command: list[str]) -> None:
    argv = [sys.executable, "manage.py", *command]
    env = real.environment({"REDIS_URL": real_server, "PYTHONUNBUFFERED": ""})
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(argv, cwd=config.ROOT, env=env, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: No room left for what is written") and done.stderr.count("\n") == 1


#: Commands that take what can be wrong, with something wrong in it and what is said of it.
WRONG = {
    "scrape url": [
        ("http://", "cannot be opened"),
        ("http://127.0.0.1/", "not a public address"),
        ("ftp://a.example/", "not fetched"),
    ],
    "scrape url https://example.com/": [
        ("--config {", "no JSON"),
        ("--config @/none", "cannot be read"),
        ("--priority x", "No queue"),
    ],
    "scrape batch": [
        ("bad.csv", "address 1"),
        ("empty.csv", "names no address"),
        ("binary.csv", "no text"),
        ("none.csv", "No such file"),
    ],
    "scrape crawl": [("http://", "cannot be opened"), ("https://example.com/ --pages 0", "--pages")],
    "scrape map": [("http://", "cannot be opened"), ("https://example.com/ --priority 99", "priority")],
    "business scrape": [("http://", "cannot be opened"), ("https://example.com/ --priority x", "No queue")],
    "lead scrape": [("http://", "cannot be opened")],
    "lead search": [("''", "query 1")],
    "lead add": [("--name ''", "needs a site"), ("--site http:// --name x", "no address")],
    "lead process": [("", "Name companies")],
    "lead score": [("", "Name companies")],
    "lead enrich": [("id --priority x", "No queue")],
    "lead import": [("binary.csv", "no text"), ("empty.csv", "empty"), ("none.csv", "cannot be read")],
    "lead tag": [("id", "--add")],
    "network add": [("http:// --name x", "cannot be opened"), ("https://example.com/ --name ''", "name")],
    "keyword add": [("p ''", "1 to 400")],
    "keyword set": [("abcdefghijkl", "nothing to change")],
    "keyword respell": [("p ''", "1 to 400")],
    "keyword import": [("binary.csv", "no text"), ("none.csv", "cannot be read")],
    "project add": [("http://", "cannot be tracked")],
    "project set": [("p", "Nothing to change"), ("p --depth 5", "--depth")],
    "project pin": [("p http://", "cannot be tracked")],
    "project share": [("p --days 0", "--days")],
    "project note add": [("p ''", "1 to 300")],
    "schedule disable": [("sweep --for x", "no length of time")],
    "limit set": [("none 5", "No job is of the kind"), ("serp x", "N")],
    "pause": [("none:low --reason x", "cannot be paused"), ("queue:none --reason x", "No queue")],
    "resume": [("none", "cannot be paused")],
    "hosts limit": [("http:// --per-minute 5", "no host"), ("example.com", "Name a limit")],
    "hosts reset": [("http://", "no host")],
    "jobs retry": [("id --arguments {", "no JSON")],
    "webhook add": [("http:// --name x", "cannot be opened"), ("https://example.com/ --name x --event none", "webhook.events")],
    "apikey add": [("''", "name"), ("shop --rate -1", "rate")],
    "user role": [("ada none", "role")],
    "budget set": [("system --usd -1", "--usd"), ("none: --usd 5", "no scope")],
    "budget refund": [("system --usd -5 --reason x", "--usd")],
    "alerts quiet": [("x", "no length of time")],
    "import": [("binary.csv", "no export"), ("none.jsonl", "cannot be read")],
    "restore": [("binary.csv", "no backup"), ("none.jsonl", "cannot be read")],
}


@pytest.mark.parametrize(("command", "given", "says"), [(name, *one) for name, wrongs in WRONG.items() for one in wrongs])
def test_what_is_wrong_with_the_input_is_said_without_redis(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, given: str, says: str
) -> None:
    files = {"bad.csv": b"http://\n", "empty.csv": b"", "binary.csv": b"\xff\x00\x01"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    connection.use(None)

    with config.overridden(redis_url="redis://127.0.0.1:1/0"):
        result = run(*shlex.split(f"{command} {given}"))

    assert result.exit_code in (1, 2) and says in result.stderr, result.stderr
    assert result.stderr.count("\n") == 1 and "Redis" not in result.stderr


@pytest.mark.parametrize("name", sorted({"scrape url", "project add", "limit set", "keyword archive"}))
def test_where_the_input_is_right_redis_is_named(run: Run, name: str) -> None:
    connection.use(None)

    with config.overridden(redis_url="redis://127.0.0.1:1/0"):
        result = run(*name.split(), *WRITES[name])

    assert result.exit_code == 1 and result.stderr.startswith("Error: Redis at 127.0.0.1:1/0 does not answer")


def test_every_command_that_submits_has_something_wrong_here() -> None:
    named = {next(name for name in WRITES if f"{row} ".startswith(f"{name} ")) for row in WRONG}
    submits = {name for name in WRITES if name.split()[0] in ("scrape", "business", "lead", "forms", "network")}
    by_number_or_name = {"scrape stop", "scrape continue", "scrape replay", "lead remove", "forms discover", "forms analyze"}
    assert submits - by_number_or_name - {"network set", "network remove", "network rotate"} <= named
