"""`doctor`: how the store is, what is damaged in it, and the repair. It works while everything runs."""

import rich_click as click

from commands import doctor_report, output
from commands.root import traced_where


@click.command()
@click.option("--fix", is_flag=True, help="Repair what is found; safe while workers run, and safe to repeat.")
@output.json_option
@traced_where("fix")
def doctor(fix: bool, as_json: bool) -> int:
    """Examine Redis and the jobs, claims and keywords in it; without --fix this changes nothing.

    The exit code is 1 while anything is wrong (✗). A warning (!) is a choice that may be meant so, and does not count.
    """
    from doctor import examination

    report = examination.examine(fix, output.progress)
    if as_json:
        output.as_json(doctor_report.facts(report))
    else:
        doctor_report.show(report)
    return 0 if report.is_right else 1


COMMANDS = (doctor,)
