"""RQ's webhooks: sent to hosts the operator named, and to nobody else, whatever stands in Redis."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import rq
from rq.serializers import JSONSerializer
from rq.webhook import Webhook

import config
import queues
from errors import DataError
from state.store import connection, keys
from worker import inline


@queues.job(retries=0)
def work(fails: bool = False) -> str:
    """Succeed, or fail."""
    if fails:
        raise DataError("no")
    return "done"


class Site:
    """A site on loopback that notes what it was asked, and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: tuple[int, dict[str, str]] = (200, {})
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                site.asked.append((self.command, self.path, dict(self.headers), body))
                self.send_response(site.answer[0])
                for name, value in {"Content-Length": "0", **site.answer[1]}.items():
                    self.send_header(name, value)
                self.end_headers()

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def allowed() -> Iterator[None]:
    with config.overridden(webhook_hosts="hooks.example.com, 127.0.0.1"):
        yield


def run(*hooks: Webhook, fails: bool = False, **options: Any) -> str:
    """Enqueue by RQ's own call and run; the state the job ends in."""
    queue = rq.Queue("default", connection=connection.client(), serializer=JSONSerializer)
    job = queue.enqueue("tests.worker.test_webhooks.work", fails, webhooks=list(hooks), **options)
    assert inline.run_until_idle() == 1
    return (connection.client().hget(keys.job(job.id), "status") or b"").decode()


@pytest.mark.usefixtures("allowed")
def test_a_finished_job_is_told_of_with_its_headers(site: Site) -> None:
    hook = Webhook(f"{site.url}/done?x=1", "finished", method="POST", headers={"X-Key": "k"})
    assert run(hook, Webhook(f"{site.url}/failed", "failed")) == "finished"
    [(method, path, headers, body)] = site.asked
    told = json.loads(body)
    assert (method, path, headers["X-Key"], headers["Content-Type"]) == ("POST", "/done?x=1", "k", "application/json")
    assert (told["status"], told["func_name"]) == ("finished", "tests.worker.test_webhooks.work") and told["ended_at"]


@pytest.mark.usefixtures("allowed")
def test_a_failed_job_is_told_of_with_its_trace(site: Site) -> None:
    assert run(Webhook(site.url, "failed", method="POST"), Webhook(site.url, "finished"), fails=True) == "failed"
    [(_, _, _, body)] = site.asked
    assert "DataError: no" in json.loads(body)["exc_info"]


@pytest.mark.usefixtures("allowed")
def test_a_job_whose_record_is_not_kept_is_told_of_too(site: Site) -> None:
    run(Webhook(site.url, "finished", method="POST"), result_ttl=0)
    assert len(site.asked) == 1


@pytest.mark.parametrize("hosts", ["", "example.com", "127.0.0.1.example.com", "localhost"])
def test_a_host_that_nobody_named_is_never_called(site: Site, hosts: str, caplog: pytest.LogCaptureFixture) -> None:
    with config.overridden(webhook_hosts=hosts):
        disguised = site.url.replace("http://", "http://example.com@")
        assert run(Webhook(site.url, "finished"), Webhook(disguised, "finished")) == "finished"
    assert site.asked == [] and caplog.text.count("is not in WEBHOOK_HOSTS") == 2


@pytest.mark.usefixtures("allowed")
def test_a_redirect_is_not_followed(site: Site) -> None:
    other = Site()
    site.answer = (302, {"Location": other.url})
    assert run(Webhook(site.url, "finished")) == "finished"
    assert len(site.asked) == 1 and other.asked == []
    other.server.shutdown()
    other.server.server_close()


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("status", [404, 500])
def test_a_site_that_fails_changes_no_outcome(site: Site, status: int, caplog: pytest.LogCaptureFixture) -> None:
    site.answer = (status, {})
    assert run(Webhook(site.url, "finished"), Webhook("http://127.0.0.1:1/", "finished")) == "finished"
    assert caplog.text.count("Webhook failed") == 2


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("broken", ["{", "[1]", '[{"url": "file:///etc/hostname", "job_status": "finished"}]', '{"a": 1}'])
def test_a_broken_record_of_webhooks_changes_no_outcome(broken: str, store: Any) -> None:
    job = queues.submit(work).job_id
    store.hset(keys.job(job), "webhooks", broken)
    assert inline.run_until_idle() == 1 and store.hget(keys.job(job), "status") == b"finished"
