"""Everything that a command changes leaves a line in the audit, and everything that leaves the store does."""

import click
import pytest

from tests.commands.conftest import Run
from tests.commands.test_program import PROCESSES, READS, WRITES, leaves
from topics.access import audit
from topics.tracking import projects

#: Commands that are said to read, and leave a line: where an option makes them change something, or because of what they send.
TRACED_READS = {
    "doctor": "with --fix it repairs",
    "reset_processing_flags": "with --stuck, --all and --keyword it frees claims",
    "webhook test": "it sends something to an address",
    "export": "what was taken out is told",
    "backup": "what was taken out is told",
}

#: Commands that write and are marked further down; the second test sees their lines.
ELSEWHERE = {"pause": "without a scope it lists what is paused", "alerts quiet": "without a time it says how it is"}


def is_traced(command: click.Command) -> bool:
    return bool(getattr(command.callback, "is_traced", False))


def test_every_command_that_writes_leaves_a_line_and_no_other_does() -> None:
    found = leaves()
    assert {name for name in WRITES if not is_traced(found[name])} == set(ELSEWHERE), "mark these with `writes`"
    assert {name for name in (READS | PROCESSES) & set(found) if is_traced(found[name])} == set(TRACED_READS)


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["doctor"], None),
        (["doctor", "--fix"], "fix=True"),
        (["reset_processing_flags"], None),
        (["reset_processing_flags", "--all"], "every=True"),
        (["project", "pin", "p", "rival.com"], "project_id=p domain=rival.com"),
        (["pause", "queue:low", "--reason", "x"], "scope=queue:low"),
        (["pause"], None),
        (["alerts", "quiet", "1h"], "length=3600"),
        (["alerts", "quiet"], None),
        (["schedule", "disable", "sweep", "--reason", "x"], "name=sweep"),
    ],
)
def test_what_only_looks_leaves_none(run: Run, argv: list[str], line: str | None) -> None:
    projects.add("example.com", projects.Options(id="p"))
    run(*argv)
    found = [one for one in audit.page()[0] if one.how == "command"]
    assert (line is None and not found) or (line is not None and line in found[0].details)
    assert len(found) == (line is not None)
