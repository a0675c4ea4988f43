"""`lead result`: what became of each company of a job."""

import rich_click as click

from commands import output


@click.command()
@click.argument("job_id", metavar="JOB")
@output.json_option
def result(job_id: str, as_json: bool) -> int:
    """Show what became of each company of JOB: a scrape of several, a search, an enrichment. Exit code 1 unless complete."""
    from errors import NotFound
    from topics.leads import many
    from topics.operations import jobs

    job, found = jobs.get_job_status(job_id), many.kept(job_id)
    if found is None or "items" not in found:
        raise NotFound(f"Job {job_id} has no list of companies: it is {job.status.value}, or that has expired (RESULT_DAYS).")
    if as_json:
        output.as_json({"job_id": job_id, **found})
    else:
        output.fields([(name.replace("_", " "), found[name]) for name in COUNTS if name in found])
        rows = [[one.get(name) or "" for name in ("status", "company", "url", "error", "job")] for one in found["items"]]
        output.table(("status", "company", "url", "error", "job"), rows)
    return 0 if found.get("outcome", "complete") == "complete" else 1


COUNTS = ("outcome", "companies", "enriched", "failed", "cancelled", "queries", "searches_failed", "cost")
