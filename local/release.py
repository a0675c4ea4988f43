"""The line `release` of a Procfile: it is run once, and the others start when it has succeeded, as on Heroku."""

import subprocess

import config
from errors import SystemFault
from local.prefixed_output import Output
from local.process_manager import ManagedProcess
from processes import children

NAME = "release"

GRACE_S = 10.0  # from SIGTERM to SIGKILL
POLL_S = 0.1


def run(process: ManagedProcess, output: Output, signals: list[int]) -> None:
    """Run it to its end, or until a stop signal. Raises SystemFault where it fails."""
    child = children.start(process.argv, name=NAME, env=process.env, cwd=config.ROOT, output=subprocess.PIPE)
    child.ask_group = process.is_shell
    output.follow(process, child)
    while child.poll() is None and not signals:
        output.print_for(POLL_S)
    if child.returncode is None:
        children.stop([child], GRACE_S, pause=lambda: output.print_for(POLL_S))
    elif child.returncode:
        output.drain()
        raise SystemFault(f"{NAME} {child.ending}: nothing else is started")
