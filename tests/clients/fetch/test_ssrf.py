"""No page leads into the private network: a canary on loopback must not be touched (fault scenario 31)."""

from typing import Any

import pytest

import config
import errors
from clients import fetch
from clients.fetch import addresses, lookup
from tests.clients.fetch.hostile import Server, page, redirect, serving
from tests.clients.fetch.test_targets import PRIVATE

pytestmark = pytest.mark.usefixtures("transport")


@pytest.fixture
def canary() -> Any:
    with serving({"/": page(b"secret")}) as server:
        yield server


def refused(url: str) -> None:
    with pytest.raises(errors.BadUrl):
        fetch.get(fetch.Request(url, timeout_s=5))


def test_no_spelling_of_this_machine_reaches_it(canary: Server) -> None:
    for url in PRIVATE:
        scheme, _, rest = url.partition("://")
        host, _, path = rest.partition("/")
        refused(f"{scheme}://{host}:{canary.port}/{path}")
    assert canary.connections == 0


@pytest.mark.parametrize("status", ["301 X", "302 X", "303 X", "307 X", "308 X"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0", "inside.example"])
def test_a_redirect_into_it_is_not_followed(canary: Server, names: dict[str, list[str]], status: str, host: str) -> None:
    """The first server is allowed by its name, so that only the redirect can be refused."""
    names.update({"outside.example": ["127.0.0.1"], "inside.example": ["127.0.0.1"]})
    ways = {"/": redirect(f"http://{host}:{canary.port}/", status=status)}
    with config.overridden(fetch_allow_networks="outside.example"), serving(ways) as server:
        refused(server.at("outside.example"))
        assert len(server.heard) == 1
    assert canary.connections == 0


def test_a_public_page_does_not_lead_into_a_network_that_is_allowed(
    canary: Server, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As browsers hold it (private network access): a stranger may not look into the network that its owner scrapes."""
    names["outside.example"], names["inside.example"] = ["127.0.0.2"], ["127.0.0.1"]
    real = addresses.is_public
    monkeypatch.setattr(addresses, "is_public", lambda text: text == "127.0.0.2" or real(text))
    with config.overridden(fetch_allow_networks="127.0.0.1/32"), serving({}, host="127.0.0.2") as server:
        server.ways["/"] = redirect(canary.at("inside.example"))
        refused(server.at("outside.example"))
        assert canary.connections == 0
        assert fetch.get(fetch.Request(canary.at("inside.example"))).body == b"secret"
        canary.ways["/"] = redirect(server.at("outside.example") + "/page")
        server.ways["/page"] = redirect(canary.at("inside.example") + "/again")
        refused(canary.at("inside.example"))
        assert canary.paths == ["/", "/"]


@pytest.mark.parametrize(
    "where",
    [
        "file:///etc/hostname",
        "gopher://127.0.0.1:6379/_x",
        "http://u:p@outside.example/",
        "http://outside.example:6379/",
        "dict://a/b",
    ],
)
def test_a_redirect_to_another_scheme_port_or_with_a_password_is_not_followed(names: dict[str, list[str]], where: str) -> None:
    names["outside.example"] = ["127.0.0.1"]
    with config.overridden(fetch_allow_networks="outside.example"), serving({"/": redirect(where)}) as server:
        refused(server.at("outside.example"))


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["10.0.0.1"],
        ["fe80::1%eth0"],
        ["169.254.169.254"],
    ],
)
def test_a_name_with_any_private_address_is_not_fetched(canary: Server, names: dict[str, list[str]], found: list[str]) -> None:
    names["innocent.example"] = found
    refused(f"http://innocent.example:{canary.port}/")
    assert canary.connections == 0


def test_a_name_that_changes_its_address_is_connected_to_as_checked(
    canary: Server, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer is allowed, every later one is the canary."""
    answers = iter([["127.0.0.2"]])
    monkeypatch.setattr(lookup, "system", lambda host: next(answers, ["127.0.0.1"]))
    asked: list[str] = []
    monkeypatch.setattr("socket.getaddrinfo", watched(asked))
    with config.overridden(fetch_allow_networks="127.0.0.2/32"), serving({"/": page(b"public")}, host="127.0.0.2") as server:
        canary_port, server_port = canary.port, server.port
        reply = fetch.get(fetch.Request(f"http://rebinding.example:{server_port}/"))
        assert reply.body == b"public" and reply.address == "127.0.0.2"
        lookup.forget()
        refused(f"http://rebinding.example:{canary_port}/")
        refused(f"http://rebinding.example:{server_port}/")
    assert canary.connections == 0
    assert "rebinding.example" not in asked


def watched(asked: list[str]) -> Any:
    import socket

    real = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        return real(host, *args, **kwargs)

    return getaddrinfo


def test_each_lookup_of_a_name_is_followed_not_the_one_before(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """libcurl once kept the old addresses when new ones were given (curl#2169)."""
    monkeypatch.setattr(lookup, "KEPT_S", -1.0)
    with config.overridden(fetch_allow_networks="127.0.0.0/8"), serving({"/": page(b"one")}) as server:
        for number in (1, 2, 3, 1, 3):
            names["moving.example"] = [f"127.0.0.{number}"]
            if number == 1:
                assert fetch.get(fetch.Request(server.at("moving.example"))).body == b"one"
            else:
                with pytest.raises(errors.Unreachable):
                    fetch.get(fetch.Request(server.at("moving.example"), timeout_s=5))


def test_a_redirect_to_a_name_that_changes_its_address_is_checked_again(
    canary: Server, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names["outside.example"] = ["127.0.0.1"]
    monkeypatch.setattr(lookup, "KEPT_S", -1.0)
    with config.overridden(fetch_allow_networks="127.0.0.2/32"), serving({}, host="127.0.0.2") as server:
        names["rebinding.example"] = ["127.0.0.2"]
        server.ways["/"] = redirect(f"http://rebinding.example:{canary.port}/")

        def rebind(url: str) -> None:
            names["rebinding.example"] = ["127.0.0.1"]

        with pytest.raises(errors.RefusedAddress):
            fetch.get(fetch.Request(server.at("rebinding.example")), before=rebind)
    assert canary.connections == 0


def test_a_kept_connection_is_not_used_once_its_address_is_no_longer_allowed(names: dict[str, list[str]]) -> None:
    names["some.example"] = ["127.0.0.1"]
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
    with serving({"/": answer}) as server:
        with config.overridden(fetch_allow_networks="some.example"):
            fetch.get(fetch.Request(server.at("some.example")))
        refused(server.at("some.example"))
        assert len(server.heard) == 1


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:{port}", "http://localhost:{port}", "http://inside.example:{port}", "http://[::1]:{port}"]
)
def test_a_proxy_that_a_request_names_is_no_way_in(canary: Server, names: dict[str, list[str]], proxy: str) -> None:
    names["inside.example"] = ["127.0.0.1"]
    with pytest.raises(errors.RefusedAddress):
        fetch.get(fetch.Request("http://example.com/", proxy=proxy.format(port=canary.port), timeout_s=5))
    assert canary.connections == 0
