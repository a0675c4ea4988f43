"""Arguments and options that several commands take."""

from collections.abc import Callable
from typing import Any

import rich_click as click

from commands.parameters import PROJECT, Moment


def user_name() -> str:
    """The user of this machine who runs the command."""
    import os
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container whose user has no name
        return f"uid {os.getuid()}"


def address(path: str) -> str:
    """The address of a page of the web process (`/share/…`): below PUBLIC_URL, else on this machine."""
    import config

    settings = config.settings()
    return f"{(settings.public_url or f'http://127.0.0.1:{settings.port}').rstrip('/')}{path}"


project_option = click.option("--project", "project_id", type=PROJECT, metavar="ID", help="Only this project.")

where_option = click.option(
    "--project", "project_id", type=PROJECT, metavar="ID", help="The project, to name a keyword by its text."
)

_job_filters = (
    click.option("--kind", metavar="KIND", help="Only jobs of this kind."),
    click.option("--queue", metavar="QUEUE", help="Only jobs of this queue."),
    click.option("--host", metavar="HOST", help="Only jobs with this host."),
    click.option("--project", metavar="ID", help="Only jobs of this project."),
    click.option("--tag", metavar="TAG", help="Only jobs with this tag."),
    click.option("--owner", metavar="KEY_ID", help="Only jobs that this API key submitted, as `apikey list` names it."),
    click.option("--category", metavar="WORD", help="Only this category of failures, e.g. network or blocked."),
    click.option("--text", metavar="TEXT", help="Only jobs whose id, name, labels or error holds it."),
    click.option("--fingerprint", metavar="ID", help="Only these failures, as `failures list` names them."),
    click.option("--since", type=Moment(), help="Ended, or made where they have not, then or later: a date, a time, or 2h."),
    click.option("--until", type=Moment(), help="Ended, or made where they have not, before."),
)


def job_filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """The filters of lists of jobs and of what is done to all that they let through."""
    for option in reversed(_job_filters):
        command = option(command)
    return command


limit_option = click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="So many at most.")
cursor_option = click.option("--cursor", default="", metavar="CURSOR", help="Go on where the last list ended.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
