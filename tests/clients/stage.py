"""What the tests of several clients play on: the query, a server that misbehaves, stores on a local S3."""

import contextlib
import functools
import socket
import threading
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

import config
import models
from clients import r2, storage
from clients.serp import api, scrapedo, scrapedo_plugin

TOKEN = "s3cr3t/t+ken&with=signs"
QUERY = models.SerpQuery("best running shoes", country="de", language="de", device="mobile")

SECRET = "s3cr3t-access-key"
BUCKET = "trawl-test"


@functools.cache
def s3_server() -> str:
    """Start a real S3 server on loopback, with one bucket, that ends with this process; its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.session.Session().client(
        "s3", endpoint_url=url, region_name="auto", aws_access_key_id="id", aws_secret_access_key=SECRET
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "auto"})  # type: ignore[typeddict-item]
    client.close()
    return url


def on_scrapedo() -> scrapedo.ScrapeDo:
    """The provider at its real address, for tests in which `responses` answers."""
    return scrapedo.ScrapeDo("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20)


def on_plugin() -> scrapedo_plugin.ScrapeDoPlugin:
    """The plugin at its real address."""
    return scrapedo_plugin.ScrapeDoPlugin("https://api.scrape.do", SecretStr(TOKEN), timeout_s=20)


@contextlib.contextmanager
def closing(provider: scrapedo.ScrapeDo) -> Iterator[scrapedo.ScrapeDo]:
    """The provider, without connections left behind."""
    try:
        yield provider
    finally:
        provider.api.close()


@contextlib.contextmanager
def misbehaving(talk: Callable[[socket.socket], None], heard: Callable[[bytes], None] = lambda request: None) -> Iterator[str]:
    """The URL of a server that hands its first connection to `talk`, and the request before to `heard`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as connection:
            heard(connection.recv(65536))
            talk(connection)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join()
        listener.close()


def ask(url: str, timeout_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """One page from `url`, with a deadline shorter than the service would take."""
    monkeypatch.setattr(api, "SHORTEST_TRY_S", 0.1)
    monkeypatch.setattr(api, "MARGIN_S", 0.1)
    with closing(scrapedo.ScrapeDo(url, SecretStr(TOKEN), timeout_s=timeout_s)) as provider:
        provider.page(QUERY, start=0)


def page_from(url: str) -> models.SerpReply:
    """One page from `url`."""
    with closing(scrapedo.ScrapeDo(url, SecretStr(TOKEN), timeout_s=20)) as provider:
        return provider.page(QUERY, start=0)


def r2_store(url: str, **changed: object) -> r2.R2Store:
    """A store in the test bucket, made of settings as a user would."""
    values = {
        "r2_endpoint_url": url,
        "r2_bucket": BUCKET,
        "r2_access_key_id": "id",
        "r2_secret_access_key": SecretStr(SECRET),
        **changed,
    }
    with config.overridden(**values) as settings:
        store = storage.make(settings)
    assert isinstance(store, r2.R2Store)
    return store


def closed_port() -> str:
    """A URL at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
