"""`backup` and `restore` of the whole store."""

import rich_click as click

import wording
from commands import output
from commands.root import traced, writes


@click.command()
@click.argument("place")
@output.json_option
@traced
def backup(place: str, as_json: bool) -> None:
    """Back up the whole store to PLACE: a file (packed with .gz), r2:KEY, s3://BUCKET/KEY or - for standard output.

    Secrets are in it: keep it safe.

    Work under way is not in it: a restored store has no job that waits or runs, and what is due comes again.
    """
    import config
    from clients import storage
    from topics.operations import workers
    from topics.transfer import backups, destinations

    with output.progress("Backing up", None) as done, destinations.written(place) as file:
        count = backups.write(file, done)
    jobs = sum(int(queue["jobs"]) for queue in workers.look().queues)
    if as_json and place != destinations.STANDARD:
        output.as_json({"place": place, "lines": count, "jobs_left_out": jobs})
        return
    if place != destinations.STANDARD:
        output.line(f"{place} holds {wording.pluralize(count, 'line')}, checked by a digest.")
        output.line(f"Stored pages and large results are not in it: they lie in {storage.make(config.settings()).describe()}.")
    if jobs:
        output.warn(f"Jobs in the queues ({jobs:,}) are not in it: submit them again in a restored store.")


@click.command()
@click.argument("place")
@click.option("--merge", is_flag=True, help="Into a store that is not empty: what is there stays, what is missing is added.")
@click.option("--dry-run", is_flag=True, help="Only check the backup, and say how much of it is there already.")
@output.json_option
@writes
def restore(place: str, merge: bool, dry_run: bool, as_json: bool) -> None:
    """Restore a backup from PLACE (- reads standard input), after all of it was checked. Stop workers and scheduler first.

    If it is interrupted, run it again with --merge.
    """
    from topics.transfer import destinations, restoring

    with output.interruptible("a part is restored: run it again with --merge"), output.progress("Restoring", None) as done:
        found = restoring.run(destinations.source(place), merge=merge, is_dry=dry_run, progress=done)
    if as_json:
        output.as_json({"place": place, "made_at": found.made_at, "keys": found.keys, "there": found.there, "dry_run": dry_run})
        return
    verb = "would be restored" if dry_run else "are restored"
    there = f"; {found.there:,} were there{' and stay' if merge else ''}" if found.there else ""
    output.line(f"{wording.pluralize(found.keys, 'key')} {verb} from the backup of {found.made_at}{there}.")


COMMANDS = (backup, restore)
