"""Trawl's command line: `python manage.py --help`."""

import rich_click as click

from commands import doctor, keywords, limits, processes, projects, root, schedule, serp, status


@click.group(cls=root.Program)
@click.command_panel("Tracking", commands=["project", "keyword", "serp"])
@click.command_panel("Care", commands=["status", "check", "doctor", "schedule", "limit", "reset_processing_flags"])
@click.command_panel("Processes", commands=["up", "worker", "scheduler", "redis", "sandbox", "demo"])
def cli() -> None:
    """Trawl tracks search ranks with jobs on Redis."""


TOPICS = (projects.group, keywords.group, serp.group, schedule.group, limits.group)

for command in (*TOPICS, *status.COMMANDS, *doctor.COMMANDS, *processes.COMMANDS):
    cli.add_command(command)

if __name__ == "__main__":
    cli()
