"""`manage.py up`: everything the Procfile names on this machine, and the embedded server where `REDIS_URL` is not set."""

import os
import selectors
import shlex
import shutil
import signal
import sys
from pathlib import Path

from honcho.colour import get_colours
from honcho.environ import ProcessParams, expand_processes, parse_procfile
from honcho.printer import Message, Printer

import clock
import config
from errors import ConfigError, StoreUnreachable, TrawlError
from local import provider
from local.process_manager import Member, Team
from local.server import Server, open_server
from processes import children, streams
from state.store import connection

GRACE_S = 30.0  # from SIGTERM to kill -9: a worker takes up to 25 s for what it has in hand
SANDBOX_START_S = 20.0
LOOK_S = 0.1  # between two looks at the processes
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OURS = "system"  # the name our own lines carry


def run(procfile: Path) -> int:
    """Run until Ctrl-C or SIGTERM (0), or until one process keeps dying (1). A second Ctrl-C ends everything at once.

    Raises ConfigError for a Procfile that names nothing, and as `open_server`.
    """
    commands = _commands(procfile)
    streams.forgive()
    asked = listen()
    server = open_server()
    output = _Output([OURS, provider.NAME, *commands])
    members = [_member(params) for params in expand_processes(commands, env=_env(server))]
    team = Team([], server, output.say, output.follow)
    try:
        _refuse_unsafe(output, asked)
        sandbox = None if asked else provider.member(list(commands), _env(server))
        if sandbox:
            _start_sandbox(sandbox, team, output, asked)
        team.members += members
        output.say(f"started {', '.join(member.name for member in team.members)}; Ctrl-C stops them")
        while not asked:
            team.tend()
            children.reap_orphans()
            output.print_for(LOOK_S)
        output.say("stopping; Ctrl-C again to hurry")
        return 0
    except TrawlError as exc:
        output.say(f"{exc}. Stopping all")
        return 1
    finally:
        _stop(team, output, asked)
        server.stop()
        output.say("all stopped")


def _start_sandbox(sandbox: Member, team: Team, output: "_Output", asked: list[int]) -> None:
    """Before the others: a refused connection would count as a failed check."""
    team.members.append(sandbox)
    deadline = clock.monotonic() + SANDBOX_START_S
    while not asked and not provider.is_open(config.settings().sandbox_url) and clock.monotonic() < deadline:
        team.tend()
        output.print_for(LOOK_S)


class _Asked(BaseException):
    """We were asked to end while we waited for something."""


def _refuse_unsafe(output: "_Output", asked: list[int]) -> None:
    """One line and the end, where each process would refuse to start; what is only unwise they say themselves."""

    def leave(number: int, frame: object) -> None:
        asked.append(number)
        raise _Asked

    for signum in STOP_SIGNALS:  # a Redis that does not answer holds no Ctrl-C up
        signal.signal(signum, leave)
    try:
        connection.refuse_unsafe()
    except StoreUnreachable as exc:  # it may come up while they try again
        output.say(str(exc))
    except _Asked:
        pass
    finally:
        listen(asked)


def listen(asked: list[int] | None = None) -> list[int]:
    """A list (this one) that each SIGINT, SIGTERM and SIGHUP of this process is added to from now on."""
    heard: list[int] = [] if asked is None else asked
    for signum in STOP_SIGNALS:
        signal.signal(signum, lambda number, _frame: heard.append(number))
    return heard


def _commands(procfile: Path) -> dict[str, str]:
    try:
        commands: dict[str, str] = parse_procfile(procfile.read_text(encoding="utf-8")).processes
    except FileNotFoundError:
        raise ConfigError(f"there is no {procfile}: it names the processes, e.g. `worker: python manage.py worker`") from None
    except AssertionError:  # honcho's word for a name that stands there twice
        raise ConfigError(f"{procfile} names a process twice: give each line a name of its own") from None
    if not commands:
        raise ConfigError(f"{procfile} names no process: one line each, e.g. `worker: python manage.py worker`")
    return commands


def _member(params: ProcessParams) -> Member:
    """A command that is one program replaces its shell, so that signals and exit codes are the program's own."""
    try:
        words = list(shlex.shlex(params.cmd, posix=True, punctuation_chars=True))
    except ValueError:  # an open quote: the shell will say so
        words = [";"]
    first = next((word for word in words if "=" not in word), "")
    is_one = shutil.which(first, path=params.env["PATH"]) is not None and not any(set(word) <= set("();<>|&") for word in words)
    replaced = f"exec env {params.cmd}" if is_one else params.cmd
    name = params.name.removesuffix(".1")  # honcho counts copies; there is one of each here
    return Member(name, ["/bin/sh", "-c", replaced], params.env, is_shell=not is_one)


def _env(server: Server) -> dict[str, str]:
    settings = config.settings()
    # `python` in the Procfile is the one that runs us, also where its venv is not activated
    env = {"PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}", "PYTHONUNBUFFERED": "1"}
    if settings.configured_redis_url is None:
        env["REDIS_URL"] = server.url
    if settings.log_format == "auto" and sys.stdout.isatty():
        env["LOG_FORMAT"] = "text"  # they write into our pipe, and would take it for a log collector
    return env


def _stop(team: Team, output: "_Output", asked: list[int]) -> None:
    before = len(asked)

    def pause() -> None:
        output.print_for(LOOK_S)
        if len(asked) > before:
            team.kill()

    team.stop(GRACE_S, pause)
    output.drain()


class _Output:
    """The lines of all processes on our standard output, each under its name."""

    def __init__(self, names: list[str]) -> None:
        self._printer = Printer(sys.stdout, width=max(map(len, names)))
        colours = get_colours()
        self._colours = {name: next(colours) for name in names}
        self._pipes = selectors.DefaultSelector()
        self._halves: dict[int, bytes] = {}  # a line's beginning, by file descriptor

    def say(self, line: str) -> None:
        """A line of our own."""
        self._print(OURS, line)

    def follow(self, member: Member, child: children.Child) -> None:
        """Print what this process writes from now on."""
        if child.output is not None:
            os.set_blocking(child.output.fileno(), False)
            self._pipes.register(child.output, selectors.EVENT_READ, member.name)

    def drain(self) -> None:
        """Print what ended processes have left in their pipes."""
        for _ in range(100):  # not for ever: something that left its group may still write
            if not self.print_for(0):
                return

    def print_for(self, seconds: float) -> bool:
        """Print what is there, waiting up to `seconds` for the first line; False where nothing came."""
        if not self._pipes.get_map():
            clock.wait(seconds)
        ready = self._pipes.select(seconds)
        for key, _ in ready:
            data = os.read(key.fd, 65536)
            *lines, half = (self._halves.pop(key.fd, b"") + data).split(b"\n")
            if data:
                self._halves[key.fd] = half
            else:
                self._pipes.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
                lines += [half] if half else []
            for line in lines:
                self._print(key.data, line.decode(errors="replace"))
        return bool(ready)

    def _print(self, name: str, line: str) -> None:
        self._printer.write(Message("line", line or " ", clock.now().astimezone(), name, self._colours.get(name)))
