"""A tick belongs to its job, whatever comes into the list while somebody chooses."""

from typing import Any

import queues
from tests.local.real import until
from tests.topics.operations.test_jobs import work
from tests.web import chromium


def test_a_tick_stays_with_its_job_while_the_list_moves(store: Any, address: str, browser: Any) -> None:
    first = [queues.submit(work).job_id for _ in range(3)]
    with chromium.opened(browser) as page:
        page.goto(f"{address}/jobs")
        page.check(f"#tick-{first[1]}")
        page.focus("#bulk-action")
        page.mouse.move(1, 1)
        for _ in range(2):
            queues.submit(work)
        until(lambda: page.locator("input[name=id]").count() == 5 or "waits" in page.inner_text("#live"))
        ticked = page.eval_on_selector_all("input[name=id]:checked", "(all) => all.map((one) => one.value)")
        assert ticked == [first[1]]
        page.select_option("#bulk-action", "cancel")
        page.click("text=Those ticked")
        until(lambda: page.inner_text("h1") == "Cancel 1 job?")
        page.click("button.strong")
        until(lambda: "/jobs/" in page.url and "confirm" not in page.url)
