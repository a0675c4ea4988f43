"""`manage.py up`: everything the Procfile names on this machine, and the embedded server where `REDIS_URL` is not set."""

import os
import re
import shlex
import shutil
import signal
import sys
from pathlib import Path

from honcho.environ import ProcessParams, expand_processes, parse_procfile

import clock
import config
from errors import ConfigError, StoreUnreachable, TrawlError
from local import ports, prefixed_output, provider, release
from local.prefixed_output import Output
from local.process_manager import ManagedProcess, ProcessManager
from local.server import Server, open_server
from processes import children, streams
from state.store import connection

GRACE_S = 30.0  # from SIGTERM to SIGKILL: a worker gives its running jobs up to 25 s
SANDBOX_START_S = 20.0
POLL_S = 0.1  # between two polls of the processes
LINE = re.compile(r"[A-Za-z0-9_-]+:\s*\S")
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(procfile: Path) -> int:
    """Run until Ctrl-C or SIGTERM (0), or until one process keeps dying (1). A second Ctrl-C ends everything at once.

    Raises ConfigError for a Procfile that names nothing and for a PORT that is taken, and as `open_server`.
    """
    commands = _commands(procfile)
    _check_port(commands)
    streams.forgive()
    signals = collect_stop_signals()
    server = open_server()
    output = Output([prefixed_output.OWN_NAME, provider.NAME, *commands])
    processes = [_process(params) for params in expand_processes(commands, env=_env(server))]
    manager = ProcessManager([], server, output.say, output.follow)
    try:
        _refuse_unsafe(output, signals)
        sandbox = None if signals else provider.process(list(commands), _env(server))
        if sandbox:
            _start_sandbox(sandbox, manager, output, signals)
        manager.processes += _released(processes, output, signals)
        output.say(f"started {', '.join(process.name for process in manager.processes)}; Ctrl-C stops them")
        while not signals:
            manager.poll()
            children.reap_orphans()
            output.print_for(POLL_S)
        output.say("stopping; Ctrl-C again to hurry")
        return 0
    except TrawlError as exc:
        output.say(f"{exc}. Stopping all")
        return 1
    finally:
        _stop(manager, output, signals)
        server.stop()
        output.say("all stopped")


def _start_sandbox(sandbox: ManagedProcess, manager: ProcessManager, output: Output, signals: list[int]) -> None:
    """Start it before the others: a refused connection would count as a failed check."""
    manager.processes.append(sandbox)
    deadline = clock.monotonic() + SANDBOX_START_S
    while not signals and not provider.is_open(config.settings().sandbox_url) and clock.monotonic() < deadline:
        manager.poll()
        output.print_for(POLL_S)


def _released(processes: list[ManagedProcess], output: Output, signals: list[int]) -> list[ManagedProcess]:
    """The processes to keep running, after `release` has done its work; none after a stop signal."""
    for first in [process for process in processes if process.name == release.NAME]:
        release.run(first, output, signals)
    return [] if signals else [process for process in processes if process.name != release.NAME]


class _Stopped(BaseException):
    """A stop signal arrived during a wait."""


def _refuse_unsafe(output: Output, signals: list[int]) -> None:
    """Raise what each process would refuse to start with. Warnings are left to the processes."""

    def leave(number: int, frame: object) -> None:
        signals.append(number)
        raise _Stopped

    for signum in STOP_SIGNALS:  # Ctrl-C works although Redis does not answer
        signal.signal(signum, leave)
    try:
        connection.refuse_unsafe()
    except StoreUnreachable as exc:  # it may start while the processes try again
        output.say(str(exc))
    except _Stopped:
        pass
    finally:
        collect_stop_signals(signals)


def collect_stop_signals(into: list[int] | None = None) -> list[int]:
    """A list to which each SIGINT, SIGTERM and SIGHUP of this process is added from now on."""
    signals: list[int] = [] if into is None else into
    for signum in STOP_SIGNALS:
        signal.signal(signum, lambda number, _frame: signals.append(number))
    return signals


def _commands(procfile: Path) -> dict[str, str]:
    try:
        text = procfile.read_text(encoding="utf-8-sig")
        commands: dict[str, str] = parse_procfile(text).processes
    except FileNotFoundError:
        raise ConfigError(f"there is no {procfile}: it names the processes, e.g. `worker: python manage.py worker`") from None
    except AssertionError:  # honcho raises it for a name that occurs twice
        raise ConfigError(f"{procfile} names a process twice: give each line a name of its own") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#") and not LINE.match(line):  # the parser would pass over it
            raise ConfigError(f"line {number} of {procfile} is no `name: command`: {line.strip():.60}")
    if not set(commands) - {release.NAME}:
        raise ConfigError(f"{procfile} names no process: one line each, e.g. `worker: python manage.py worker`")
    return commands


def _check_port(commands: dict[str, str]) -> None:
    """Raise ConfigError where the web process could not listen: it would die and be started again until all is given up."""
    port = config.settings().port
    if any("manage.py web" in command for command in commands.values()) and not ports.is_free(port):
        raise ConfigError(f"PORT={port} is taken on this machine: end the program that listens there, or set PORT to another one")


def _process(params: ProcessParams) -> ManagedProcess:
    """The process of one line. A command of one program replaces its shell: signals and exit codes are then the program's own."""
    try:
        words = list(shlex.shlex(params.cmd, posix=True, punctuation_chars=True))
    except ValueError:  # an open quote: the shell reports it
        words = [";"]
    first = next((word for word in words if "=" not in word), "")
    is_one = shutil.which(first, path=params.env["PATH"]) is not None and not any(set(word) <= set("();<>|&") for word in words)
    replaced = f"exec env {params.cmd}" if is_one else params.cmd
    name = params.name.removesuffix(".1")  # honcho counts copies; there is one of each here
    return ManagedProcess(name, ["/bin/sh", "-c", replaced], params.env, is_shell=not is_one)


def _env(server: Server) -> dict[str, str]:
    settings = config.settings()
    # `python` in the Procfile is the Python that runs this, even if its venv is not activated
    env = {"PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}", "PYTHONUNBUFFERED": "1"}
    if settings.configured_redis_url is None:
        env["REDIS_URL"] = server.url
    if settings.log_format == "auto" and sys.stdout.isatty():
        env["LOG_FORMAT"] = "text"  # the processes write into a pipe, and would take it for a log collector
    return env


def _stop(manager: ProcessManager, output: Output, signals: list[int]) -> None:
    before = len(signals)

    def pause() -> None:
        output.print_for(POLL_S)
        if len(signals) > before:
            manager.kill()

    manager.stop(GRACE_S, pause)
    output.drain()
