"""Servers for the tests of clients: the sandbox for SERP providers, a local S3 for storage."""

from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

import clock
from clients.serp import scrapedo
from sandbox import server
from tests.clients.stage import BUCKET, SECRET, TOKEN, closing


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every wait of the program, none of them waited."""
    waited: list[float] = []
    monkeypatch.setattr(clock, "wait", waited.append)
    return waited


@pytest.fixture
def sandbox(waits: list[float]) -> Iterator[server.Sandbox]:
    with server.Sandbox(token=TOKEN, opaque=0) as running:
        yield running


@pytest.fixture
def provider(sandbox: server.Sandbox) -> Iterator[scrapedo.ScrapeDo]:
    with closing(scrapedo.ScrapeDo(sandbox.url, SecretStr(TOKEN), timeout_s=20)) as provider:
        yield provider


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """A real S3 server on loopback, with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.session.Session().client(
        "s3", endpoint_url=url, region_name="auto", aws_access_key_id="id", aws_secret_access_key=SECRET
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "auto"})  # type: ignore[typeddict-item]
    client.close()
    yield url
    server.stop()
