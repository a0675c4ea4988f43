"""TLS to the address that was checked, under the name of the page."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import config
import errors
from tests.clients.fetch.certificates import Authority
from tests.clients.fetch.hostile import page, serving


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusting(authority: Authority) -> Iterator[None]:
    with config.overridden(fetch_ca_bundle=authority.bundle):
        yield


@pytest.fixture(autouse=True)
def pages(names: dict[str, list[str]]) -> None:
    names.update({"page.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]})


@pytest.mark.usefixtures("trusting")
def test_the_name_goes_to_the_server_and_its_certificate_is_held_to_it(get: Any, authority: Authority) -> None:
    with serving({"/": page(b"private talk")}, authority.context("page.example")) as server:
        assert get(server.at("page.example")).body == b"private talk"
        assert server.names == ["page.example"] and server.header("Host") == f"page.example:{server.port}"
        with pytest.raises(errors.BadCertificate, match=r"other\.example"):
            get(server.at("other.example"))
        assert len(server.heard) == 1


@pytest.mark.usefixtures("trusting")
def test_a_certificate_that_ended_is_refused(get: Any, authority: Authority) -> None:
    with (
        serving({"/": page(b"")}, authority.context("page.example", days=-1)) as server,
        pytest.raises(errors.BadCertificate) as caught,
    ):
        get(server.at("page.example"))
    assert not caught.value.retryable


def test_a_certificate_of_nobody_we_trust_is_refused(get: Any, authority: Authority) -> None:
    with serving({"/": page(b"")}, authority.context("page.example")) as server:
        with pytest.raises(errors.BadCertificate):
            get(server.at("page.example"))
        assert not server.heard


@pytest.mark.usefixtures("trusting")
def test_a_page_is_sent_on_from_http_to_https_with_its_secrets_only_at_the_usual_ports(get: Any, authority: Authority) -> None:
    with serving({"/": page(b"end")}, authority.context("page.example")) as safe, serving({}) as server:
        server.ways["/"] = page(b"", f"Location: {safe.at('page.example')}/", status="301 X")
        assert get(server.at("page.example"), headers={"Authorization": "x"}).body == b"end"
    assert safe.header("Authorization") is None


@pytest.mark.usefixtures("trusting")
def test_tls_to_a_server_that_speaks_none_is_an_error(get: Any) -> None:
    with serving({"/": page(b"")}) as server, pytest.raises(errors.NetworkError):
        get(server.at("page.example").replace("http:", "https:"), timeout_s=3)


@pytest.mark.usefixtures("trusting")
def test_a_server_that_is_silent_in_the_handshake_is_given_up_in_time(get: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(errors.PageLate):
        get(f"https://page.example:{listener.getsockname()[1]}/", timeout_s=0.5)


def test_a_file_of_certificates_that_cannot_be_used_is_an_error_of_the_setting(get: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for path in (tmp_path / "none.pem", wrong):
        with config.overridden(fetch_ca_bundle=path), pytest.raises(errors.ConfigError, match="FETCH_CA_BUNDLE"):
            get("https://page.example/")


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")  # pytest sets its own filters
def test_a_page_may_be_fetched_whatever_its_certificate(get: Any, authority: Authority) -> None:
    """The connection is not reused for a request that wants the certificate verified."""
    with serving({"/": page(b"mine")}, authority.context("other.example", days=-1)) as server:
        assert get(server.at("page.example"), verify_tls=False).body == b"mine"
        with pytest.raises(errors.BadCertificate):
            get(server.at("page.example"))
        assert get(server.at("page.example"), verify_tls=False).body == b"mine"
