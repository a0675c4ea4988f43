"""`policy`: how jobs are tried again after an error."""

from typing import Any

import rich_click as click

import wording
from commands import output

COLUMNS = ("kind", "error", "retries", "first wait", "then", "at most", "by lot")


@click.command()
@output.json_option
def policy(as_json: bool) -> None:
    """Show how jobs are tried again: by category, class of error and kind, as the file RETRY_POLICY says.

    A row says what holds; it may get a value from a less specific one. Workers that run hold to what they read at their start.
    """
    import config
    from engine import retry_policy

    rows = retry_policy.every()
    if as_json:
        output.json_list([{"kind": row.kind, "error": row.error, **row.rule._asdict()} for row in rows])
        return
    output.table(COLUMNS, [_row(row) for row in rows])
    output.line(f"From {config.settings().retry_policy}")


COMMANDS = (policy,)


def _row(row: Any) -> list[object]:
    """As people read it; of what is not tried again there are no waits."""
    rule = row.rule
    retries = "as the job says" if rule.retries == 3 else rule.retries or "none"
    waits = [wording.duration(rule.first_wait_s), f"× {rule.factor:g}", wording.duration(rule.cap_s), f"{rule.jitter:.0%}"]
    return [row.kind or "all", row.error or "default", retries, *(waits if rule.retries else [None] * 4)]
