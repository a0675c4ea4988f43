"""Periodic work: the table of what runs when, and the process that runs it (scheduling/loop.py)."""

import logging
from collections.abc import Callable

import config
import logs
from environment import collector
from jobs import alerts, budgets, lead_scores, maintenance, scrape, serp, webhooks
from processes import streams
from scheduling.entries import Entry
from scheduling.loop import Scheduler
from state.store import connection, scripts, sentinel
from topics.alerts import stand_in
from topics.operations import stops

log = logging.getLogger("trawl.scheduler")


def table() -> list[Entry]:
    """SCHEDULE: what runs when, by the settings of this process. Add a periodic entry here."""
    return [
        Entry("enqueue-keyword-scrapes", serp.enqueue_batch, config.settings().serp_enqueue_interval, pass_due=True),
        Entry("sweep", maintenance.sweep, max(60, round(config.settings().idle_poll_interval))),
        Entry("tend-crawls", scrape.tend_crawls, 60),
        Entry("tend-webhooks", webhooks.tend, 60),
        Entry("rescore-companies", lead_scores.rescore, 120),
        Entry("tend-suspects", serp.tend_suspects, 60),
        Entry("look-for-alerts", alerts.look, 60, missed="skip"),
        Entry("clean-up-pages", scrape.clean_up_pages, cron="40 3 * * *"),
        Entry("begin-budget-month", budgets.begin_month, cron="0 0 1 * *", pass_due=True),
        Entry("close-budget-months", budgets.reset_monthly_budgets, cron="5 12 1 * *", pass_due=True),  # the last zone, UTC-12
        Entry("clean-up-jobs", maintenance.clean_up, cron="10 3 * * *"),
        Entry("record-statistics", maintenance.record_statistics, cron="0 * * * *", missed="skip", pass_due=True),
        Entry("check-health", maintenance.check_health, cron="*/30 * * * *", missed="skip"),
        Entry("compact-store", maintenance.compact_store, cron="40 4 * * sun"),
    ]


def _minutely(*looks: Callable[[], None]) -> Callable[[], None]:
    def look() -> None:
        for one in looks:
            one()

    return look


def run() -> int:
    """Run the scheduler process; returns its exit code. Any number of schedulers may run."""
    streams.forgive()
    logs.setup()
    logging.getLogger("rq_scheduler").setLevel(logging.WARNING)
    with connection.errors_translated():
        for line in connection.refuse_unsafe(sentinel.START_S):
            log.warning("%s", line)
        scripts.load()
        scheduler = Scheduler(_minutely(stops.Watch().say, stand_in.StandIn().look))
        touched = scheduler.register(table())
    collector.end_loading()
    log.info("Scheduler is up", extra={"entries": len(table()), "changed": touched})
    return scheduler.run_forever()
