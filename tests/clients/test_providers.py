"""What holds for all providers: threads, forks, and the choice by settings."""

import dataclasses
import multiprocessing
import threading

import pytest
from pydantic import SecretStr

import config
import errors
from clients import serp
from clients.serp import scrapedo
from sandbox import server
from tests import patience
from tests.clients.stage import QUERY, closing


def test_threads_do_not_share_connections_and_one_thread_reuses_its_own(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox
) -> None:
    sessions = []

    def work() -> None:
        for start in (0, 10):
            provider.page(QUERY, start=start)
        sessions.append(provider.api._session())
        provider.api.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(session) for session in sessions}) == 4
    assert sandbox.counts == {"page": 8}
    assert provider.api._session() is provider.api._session()


def _in_child(provider: scrapedo.ScrapeDo, before: int, results: "multiprocessing.Queue[tuple[bool, int]]") -> None:
    body = provider.page(QUERY, start=10).body
    results.put((id(provider.api._session()) == before, len(body)))


def test_a_forked_process_opens_connections_of_its_own(provider: scrapedo.ScrapeDo) -> None:
    first = provider.page(QUERY, start=10).body
    fork = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[tuple[bool, int]] = fork.Queue()
    child = fork.Process(target=_in_child, args=(provider, id(provider.api._session()), results))
    child.start()
    same_session, length = results.get(timeout=patience.HANG_S)
    child.join()
    results.close()
    results.join_thread()

    assert not same_session
    assert length == len(first)
    assert provider.page(QUERY, start=10).body == first


def test_the_setting_chooses_the_provider() -> None:
    chosen = {}
    for name in ("scrapedo", "scrapedo-plugin", "sandbox"):
        with config.overridden(serp_provider=name, scrapedo_token=SecretStr("t")) as settings:
            provider = serp.make(settings)
            chosen[provider.name] = provider.is_sandbox
    assert chosen == {"scrapedo": False, "scrapedo-plugin": False, "sandbox": True}


@pytest.mark.parametrize("token", [None, SecretStr(""), SecretStr(" ")])
@pytest.mark.parametrize("name", ["scrapedo", "scrapedo-plugin"])
def test_a_missing_token_names_the_setting_and_both_remedies(name: str, token: SecretStr | None) -> None:
    with config.overridden(serp_provider=name, scrapedo_token=token) as settings, pytest.raises(errors.ConfigError) as caught:
        serp.make(settings)
    message = str(caught.value)
    assert "\n" not in message
    for word in ("SCRAPEDO_TOKEN", "dashboard.scrape.do", "SERP_PROVIDER=sandbox"):
        assert word in message


def test_the_sandbox_needs_no_token(sandbox: server.Sandbox) -> None:
    sandbox.responder.options = dataclasses.replace(sandbox.responder.options, token="sandbox")
    with config.overridden(serp_provider="sandbox", sandbox_url=sandbox.url, scrapedo_token=None) as settings:
        provider = serp.make(settings)
        assert isinstance(provider, scrapedo.ScrapeDo)
        with closing(provider):
            assert provider.page(QUERY, start=0).format == "html"
