"""`reset_processing_flags`: the way out when keywords hang in processing."""

from typing import Any

import rich_click as click

import wording
from commands import output, root
from commands.parameters import Duration

#: Keywords that are shown of those being processed; --json gives all.
SHOWN = 50

STUCK_S = 3600.0


@click.command("reset_processing_flags")
@click.option("--all", "every", is_flag=True, help="Free all; a job that still runs has its outcome refused.")
@click.option("--stuck", is_flag=True, help="Free those held for longer than --older-than.")
@click.option("--older-than", type=Duration(), metavar="TIME", help="With --stuck: e.g. 90s, 30m, 2h. [default: 1h]")
@click.option("--keyword", "keyword_id", metavar="ID", help="Free this keyword.")
@output.json_option
@root.traced_where("every", "stuck", "keyword_id")
def reset_processing_flags(as_json: bool, **asked: Any) -> None:
    """Show which keywords are being processed, or free them; freed keywords are due again."""
    chosen = _chosen(**asked)
    if chosen is None:
        _show_claims(as_json)
        return
    root.refuse_unsafe()
    freed = _reset(**chosen)
    if as_json:
        output.as_json({"freed": freed})
    else:
        output.line(f"{freed:,} freed; they are due again.")


COMMANDS = (reset_processing_flags,)


def _chosen(every: bool, stuck: bool, older_than: float | None, keyword_id: str | None) -> dict[str, Any] | None:
    """What to free; None = nothing, only show."""
    if every + stuck + (keyword_id is not None) > 1:
        raise click.UsageError("--all, --stuck and --keyword exclude each other.")
    if older_than is not None and not stuck:
        raise click.UsageError("--older-than belongs to --stuck.")
    if not (every or stuck or keyword_id is not None):
        return None
    return {"older_than_s": (STUCK_S if older_than is None else older_than) if stuck else 0.0, "keyword_id": keyword_id}


def _reset(older_than_s: float, keyword_id: str | None) -> int:
    from topics.tracking import claims, projects

    held = claims.held(older_than_s, keyword_id)
    if keyword_id and not held:
        projects.find_keyword(keyword_id)  # says so where there is no such keyword at all
    with output.progress("Freeing", len(held)) as done:
        return claims.reset(held, done)


def _show_claims(as_json: bool) -> None:
    from topics.operations import views

    held = views.held_claims()
    if as_json:
        output.as_json({"processing": len(held), "stuck": sum(row["for_s"] > STUCK_S for row in held), "claims": held})
        return
    stuck = sum(row["for_s"] > STUCK_S for row in held)
    if held:
        columns = ("id", "keyword", "project", "since", "job", "job_status")
        output.table(columns, [[row[name] for name in columns] for row in held[:SHOWN]])
    if len(held) > SHOWN:
        output.line(f"and {len(held) - SHOWN:,} more (--json shows all)")
    output.line(f"{len(held):,} being processed, {stuck:,} of them for more than {wording.duration(STUCK_S)}.")
