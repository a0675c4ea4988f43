"""Pages through a proxy, which looks up the names."""

import base64
from typing import Any

import pytest

import config
import errors
from clients import fetch
from clients.fetch import proxies
from tests.clients.fetch.hostile import page, redirect, serving


def test_the_owners_proxy_may_stand_anywhere_and_fetches_every_page(get: Any) -> None:
    with serving({"http://example.com/a": page(b"by proxy"), "http://example.com/": redirect("/a")}) as server:
        login = f"http://us%40er:p%3Ass@127.0.0.1:{server.port}"
        with config.overridden(fetch_proxy=login, fetch_allow_networks=None):
            reply = fetch.get(fetch.Request("http://example.com/"))
    assert reply.body == b"by proxy" and reply.address == "" and reply.final_url == "http://example.com/a"
    assert server.paths == ["http://example.com/", "http://example.com/a"]
    assert server.header("Proxy-Authorization") == "Basic " + base64.b64encode(b"us@er:p:ss").decode()


def test_what_is_known_to_be_private_is_refused_behind_a_proxy_too(get: Any) -> None:
    with serving({"http://example.com/": redirect("http://169.254.169.254/")}) as server:
        with config.overridden(fetch_proxy=f"http://127.0.0.1:{server.port}", fetch_allow_networks=None):
            for url in ("http://example.com/", "http://127.0.0.1/", "http://localhost/"):
                with pytest.raises(errors.RefusedAddress):
                    fetch.get(fetch.Request(url))
        assert server.paths == ["http://example.com/"]


def test_a_request_may_name_a_proxy_where_pages_may_come_from(get: Any) -> None:
    with serving({"http://example.com/": page(b"by proxy")}) as server:
        assert get("http://example.com/", proxy=server.url).body == b"by proxy"


def test_tls_goes_through_the_proxy_and_a_proxy_that_refuses_is_an_error(get: Any) -> None:
    with serving({"example.com:443": page(b"", status="403 Forbidden")}) as server:
        with pytest.raises(errors.Unreachable, match="proxy"):
            get("https://example.com/", proxy=server.url)
        assert server.heard[0].startswith(b"CONNECT example.com:443")


@pytest.mark.parametrize(
    "proxy",
    [
        "socks5://a.example:1080",
        "https://a.example",
        "a.example:3128",
        "http://a.example/path",
        "file:///x",
        "http://u:secret@:3128",
    ],
)
def test_a_proxy_of_another_kind_is_refused_without_naming_its_password(proxy: str) -> None:
    with pytest.raises(errors.BadUrl) as caught:
        fetch.check(fetch.Request("http://example.com/", proxy=proxy))
    assert "secret" not in str(caught.value)
    with config.overridden(fetch_proxy=proxy), pytest.raises(errors.ConfigError, match="FETCH_PROXY") as wrong:
        fetch.check(fetch.Request("http://example.com/"))
    assert "secret" not in str(wrong.value)


def test_a_proxys_login_is_in_no_representation() -> None:
    proxy = proxies.of("http://user:secret@proxy.example:3128")
    assert proxy is not None and "secret" not in repr(proxy) and "secret" not in proxy.address
