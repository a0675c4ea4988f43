"""The program around all commands: what ends a command becomes one line and an exit code, here and nowhere else.

0    done                                         2    wrong arguments (click's, and our ArgumentError)
1    a TrawlError, or what was asked is not so    130  Ctrl-C
"""

import errno
import functools
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import IO, Any, NoReturn, ParamSpec, TypeVar

import rich_click as click
from click.exceptions import Abort, Exit, UsageError

import errors
from commands import audited, output

if not output.is_terminal(sys.stdout):
    click.rich_click.THEME = "default-slim"  # help without boxes, for pipes and files

P = ParamSpec("P")
R = TypeVar("R")

INTERRUPTED = 130


def writes(command: Callable[P, R]) -> Callable[P, R]:
    """For a command that writes: it refuses a server that may lose jobs, says what else is unsafe about it, and leaves a line in
    the audit. The server is asked when the command first needs it: what is wrong with its input is said without Redis.
    """
    told = traced(command)

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        from state.store import first_use

        with first_use.checked(refuse_unsafe):
            return told(*args, **kwargs)

    guarded.is_traced = True  # type: ignore[attr-defined]
    return guarded


def traced(command: Callable[P, R]) -> Callable[P, R]:
    """For a command that leaves a line in the audit, though it changes nothing: what leaves the store is told, too."""
    return traced_where()(command)


def traced_where(*options: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """For a command that leaves a line where one of these options is given: without them it only looks."""

    def mark(command: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(command)
        def told(*args: P.args, **kwargs: P.kwargs) -> R:
            if options and not any(kwargs.get(option) for option in options):
                return command(*args, **kwargs)
            try:
                code = command(*args, **kwargs)
            except BaseException as exc:
                if not _is_harmless():
                    audited.write(f"failed: {type(exc).__name__}")
                raise
            audited.write(f"exit {code}" if code else "done")
            return code

        told.is_traced = True  # type: ignore[attr-defined]
        return told

    return mark


def _is_harmless() -> bool:
    """Whether the command that failed had not touched Redis: there is nothing to tell, and nobody may be there to tell it to."""
    from state.store import first_use

    return first_use.is_to_come()


def refuse_unsafe() -> None:
    """Raise UnsafeStore where Redis may lose jobs; warn of what is less."""
    from state.store import connection

    for problem in connection.refuse_unsafe():
        output.warn(f"Warning: {problem}")


def warn_of_stops(*queues: str) -> bool:
    """Warn, on standard error, of what keeps jobs in these queues (default: any) from running; returns whether anything does."""
    from topics.operations import stops

    found = list(stops.holding(*queues))
    for stop in found:
        output.warn(f"Warning: {stop}")
    return bool(found)


class Program(click.RichGroup):
    """The root group. Dashes in a command's name are read as underscores; `main` always ends in SystemExit."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> Any:
        """The command of that name."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, cmd_name.replace("-", "_"))

    def invoke(self, ctx: click.Context) -> Any:
        """As click's; Ctrl-C is an exit code."""
        if not logging.getLogger().handlers:
            logging.getLogger().addHandler(logging.NullHandler())  # a command prints; its processes set up their logs
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Exit(INTERRUPTED) from None

    def main(  # type: ignore[override]  # click's takes a mode in which it returns
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run the command of these arguments and exit."""
        for stream in (sys.stdout, sys.stderr):
            _never_fails_on_a_character(stream)
        try:
            code = super().main(args, prog_name, standalone_mode=False, **extra)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read us has gone: `| head`
            _give_up_stdout()
            sys.exit(1)
        except Exception as exc:
            sys.exit(_ending_of(exc))
        sys.exit(code or 0)


def _ending_of(exc: Exception) -> int:
    """Say what ended a command in one line; returns the exit code. What nobody expected keeps its traceback."""
    problem = _translated(exc)
    if isinstance(problem, errors.TrawlError):
        return _say(str(problem), 2 if isinstance(problem, errors.ArgumentError) else 1)
    if isinstance(problem, UsageError):
        where = problem.ctx.command_path if problem.ctx else "manage.py"
        told = problem.format_message().rstrip(".")
        return _say(f"{told}{'' if told.endswith('?') else '.'} See `{where} --help`.", problem.exit_code)
    if isinstance(problem, click.ClickException):
        return _say(problem.format_message(), problem.exit_code)
    if isinstance(problem, Abort):
        output.warn("Nothing was done.")
        return 1
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        _give_up_stdout()
        return _say(f"No room left for what is written ({problem.strerror}): free some disk space, then try again.", 1)
    raise problem


def _translated(exc: Exception) -> Exception:
    if "redis" not in sys.modules:
        return exc
    from state.store import connection

    try:
        with connection.errors_translated():
            raise exc
    except Exception as translated:
        return translated


def _say(message: str, code: int) -> int:
    import logs

    output.warn(f"Error: {logs.without_secrets(message)}")
    return code


def _give_up_stdout() -> None:
    """What still waits to be written goes nowhere, instead of failing once more when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _never_fails_on_a_character(stream: IO[str]) -> None:
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
