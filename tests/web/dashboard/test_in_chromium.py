"""In a real browser: no script of a job runs, its text is shown, and no page is wider than a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

import queues
from tests import patience
from tests.web import chromium
from tests.web.dashboard import populated
from tests.web.dashboard.populated import REGISTRIES, hostile
from topics.access import users
from worker import inline

WIDTHS = (1280, 390)
TIMEOUT_MS = patience.HANG_S * 1000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.launched() as launched:
        yield launched


@pytest.fixture
def address(app: OpenAPI) -> Iterator[str]:
    """The app on a port of this machine."""
    with chromium.served(app) as found:
        yield found


@pytest.fixture(params=WIDTHS)
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page that keeps what its console said, and what its policy refused."""
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    context.set_default_timeout(TIMEOUT_MS)
    made = context.new_page()
    made.said, made.went_wrong = [], []
    made.on("console", lambda message: made.said.append(message.text))
    made.on("pageerror", lambda error: made.went_wrong.append(str(error)))
    made.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.log('REFUSED ' + e.violatedDirective))"
    )
    yield made
    context.close()


def ran(page: Any) -> Any:
    """Where a script of a job ran; None = nowhere."""
    return page.evaluate("window.ran || null")


def is_wide(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def loaded(page: Any) -> str:
    """The text of the page, once its data are there."""
    page.wait_for_selector("[data-role=queue], [data-role=job], [data-role=worker], #job-data p, tbody td:has-text('No jobs.')")
    return str(page.inner_text("body"))


def test_no_script_of_a_job_runs_and_its_text_is_shown(address: str, page: Any, store: Any, tmp_path: Path) -> None:
    ids = populated.fill(store, tmp_path / "canary")
    lists = ["view/jobs/low/queued/50/asc/1", *(f"view/jobs/default/{name}/50/asc/1" for name in REGISTRIES)]
    shown = {}
    for path in ("view/queues", "view/workers", *lists, *(f"view/job/{one}" for one in ids.values())):
        page.goto(f"{address}/rq/0/{path}")
        shown[path] = loaded(page)
        assert (path, ran(page), is_wide(page)) == (path, None, False)
    assert page.went_wrong == [] and [text for text in page.said if "REFUSED" in text] == []
    for what in ("finished", "failed", "parked", "running", "queued", "scheduled", "dependent", "cancelled"):
        assert "<img src=x onerror=" in shown[f"view/job/{ids[what]}"], what
    assert hostile("meta").split("=")[0] in shown[f"view/job/{ids['finished']}"]
    assert hostile("worker") in shown["view/workers"] and "window.ran='error'" in shown["view/jobs/default/failed/50/asc/1"]
    assert "low\t1" in shown["view/queues"] and not (tmp_path / "canary").exists()


def test_requeue_works_by_hand_and_says_what_it_did(address: str, page: Any) -> None:
    job = queues.submit(populated.work, "x", fail=True).job_id
    inline.run_until_idle()
    page.goto(f"{address}/rq/0/view/job/{job}")
    page.click("#requeue-job-btn")
    page.wait_for_selector("#trawl-says.on")
    assert f"Runs again as {job}-r1" in page.inner_text("#trawl-says")
    page.goto(f"{address}/rq/0/view/jobs/default/failed/8/asc/1")
    page.click("#requeue-all-btn")
    page.click("#confirmation-modal-yes")
    page.wait_for_selector("#trawl-says.on")
    assert "0 jobs run again" in page.inner_text("#trawl-says")


def test_without_redis_a_page_says_so_and_goes_on_by_itself(address: str, page: Any, store: Any) -> None:
    job = queues.submit(populated.work, "x").job_id
    for path, selector in ((f"view/job/{job}", "#job-data p"), ("view/queues", "[data-role=queue]")):
        page.goto(f"{address}/rq/0/{path}")
        page.wait_for_selector(selector)
        page.route("**/*.json", lambda route: route.fulfill(status=503, json={"detail": "Redis does not answer."}))
        page.wait_for_selector("#trawl-says.on")
        assert "Redis does not answer. The figures below are old." in page.inner_text("#trawl-says")
        page.unroute("**/*.json")
        page.wait_for_selector("#trawl-says:not(.on)", state="attached")


def test_a_person_logs_in_and_requeues(address: str, page: Any) -> None:
    job = queues.submit(populated.work, "x", fail=True).job_id
    inline.run_until_idle()
    users.add("ada", "operator", "correct horse battery")
    page.goto(f"{address}/rq/0/view/job/{job}")
    page.fill("input[name=name]", "ada")
    page.fill("input[name=password]", "correct horse battery")
    page.click("form button")
    page.wait_for_url(f"**/rq/0/view/job/{job}")
    page.click("#requeue-job-btn")
    page.wait_for_selector("#trawl-says.on")
    assert f"Runs again as {job}-r1" in page.inner_text("#trawl-says")
    users.end_sessions("ada")
    page.wait_for_selector("#trawl-says:has-text('logged out')")
