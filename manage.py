"""Trawl's command line: `python manage.py --help`."""

from environment import needs

with needs.told():
    import rich_click as click

    from commands import (
        alerts,
        analytics,
        apikey,
        audit,
        backups,
        budgets,
        business,
        check,
        doctor,
        events,
        failures,
        forms,
        health,
        history,
        hosts,
        inspect,
        jobs,
        keywords,
        leads,
        limits,
        login_link,
        maintenance,
        networks,
        pauses,
        policy,
        processes,
        processing_flags,
        projects,
        root,
        schedule,
        scrape,
        serp,
        stats,
        status,
        transfer_export,
        transfer_import,
        user,
        web,
        webhooks,
        why,
    )
    from environment import collector


@click.group(cls=root.Program)
@click.command_panel("Tracking", commands=["project", "keyword", "serp"])
@click.command_panel("Scraping", commands=["scrape", "business", "lead", "analytics", "hosts", "network", "forms"])
@click.command_panel("Jobs", commands=["jobs", "failures", "history", "stats", "events", "inspect", "webhook"])
@click.command_panel("Flow", commands=["why", "policy", "pause", "resume", "pauses", "limit", "budget", "schedule"])
@click.command_panel("Care", commands=["status", "health", "alerts", "check", "doctor", "maintenance", "reset_processing_flags"])
@click.command_panel("Data", commands=["export", "import", "backup", "restore"])
@click.command_panel("Access", commands=["apikey", "user", "web_login", "audit"])
@click.command_panel("Processes", commands=["up", "web", "worker", "scheduler", "redis", "sandbox", "demo"])
def cli() -> None:
    """Trawl tracks search ranks with jobs on Redis."""


TOPICS = (
    projects.group,
    keywords.group,
    serp.group,
    scrape.group,
    business.group,
    leads.group,
    analytics.group,
    schedule.group,
    limits.group,
    budgets.group,
    alerts.group,
    hosts.group,
    jobs.group,
    failures.group,
    inspect.group,
    maintenance.group,
    webhooks.group,
    networks.group,
    forms.group,
    apikey.group,
    user.group,
)
SINGLE = (
    *(audit, login_link, history, stats, events, health, pauses, policy, why, status, check, processing_flags, doctor),
    *(transfer_export, transfer_import, backups, processes),
)


def serve(host: str | None, port: int | None) -> int:
    """Run the web process."""
    from web import process

    return process.run(host, port)


for command in (web.command(serve), *TOPICS, *(each for module in SINGLE for each in module.COMMANDS)):
    cli.add_command(command)

if __name__ == "__main__":
    collector.begin_loading()
    with needs.told():
        cli()
