"""What may be fetched, as far as it is known without the network."""

import hypothesis
import pytest
from hypothesis import strategies

import config
import errors
from clients import fetch
from clients.fetch import addresses, targets

#: Spellings of this machine, of private networks and of clouds' metadata.
PRIVATE = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/",
    "http://017700000001/", "http://0177.0.0.1/", "http://0/", "http://0.0.0.0/", "http://localhost/", "http://LOCALHOST/",
    "http://localhost./", "http://127.0.0.1./", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:7f00:0001]/", "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/", "http://169.254.170.2/v2/credentials", "http://100.100.100.200/", "http://168.63.129.16/",
    "http://2852039166/", "http://0xA9FEA9FE/", "http://[::ffff:a9fe:a9fe]/", "http://metadata.google.internal/",
    "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://100.64.0.1/",
    "http://198.18.0.1/", "http://192.0.0.8/", "http://192.0.2.1/", "http://198.51.100.1/", "http://203.0.113.1/",
    "http://224.0.0.1/", "http://239.1.1.1/", "http://240.0.0.1/", "http://255.255.255.255/", "http://192.88.99.1/",
    "http://[fe80::1]/", "http://[fc00::1]/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[2002:7f00:1::]/",
    "http://[2001::1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::a00:1]/",
    "http://[::127.0.0.1]/", "http://[100::1]/", "http://[fec0::1]/", "http://[3fff::1]/", "http://[5f00::1]/",
    "http://[::ffff:0:127.0.0.1]/", "http://①②⑦.⓪.⓪.①/", "http://ⓛocalhost/", "http://127。0。0。1/", "http://127%2E0%2E0%2E1/",
    "http://%6c%6f%63%61%6c%68%6f%73%74/", "http://a.localhost/", "http://printer.local/", "http://db.internal/",
    "http://redis/", "http://intranet/", "http://router.home.arpa/",
]  # fmt: skip

NO_PAGE = [
    "file:///etc/hostname", "gopher://127.0.0.1:6379/_SET%20a%20b", "ftp://example.com/", "data:text/html,x",
    "javascript:alert(1)", "dict://127.0.0.1:11211/stat", "ldap://example.com/", "jar:http://example.com!/",
    "ws://example.com/", "about:blank", "view-source:http://a.b/", "blob:https://example.com/1", "http:", "http://",
    "http:///", "https://:80/", "//example.com/", "/a", "example.com", "", " ", "http://[::1", "http://example.com:99999/",
    "http://example.com:-1/", "http://exa mple.com/", "http://a..b.example/", "http://.example.com/",
    "http://example.com:80a/", "http://[fe80::1%25eth0]/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://0x1ffffffff/",
    "http://user:secret@example.com/", "http://user@example.com/",
    "http://" + "a" * 64 + ".example/", "http://" + "a." * 130 + "example/", "http://example.com/" + "a" * 20_000,
    "http://example.com\x00.evil.example/", "http://ex\u00admple_.com:b/",
]  # fmt: skip

PUBLIC = {
    "http://example.com": "http://example.com/",
    "HTTPS://EXAMPLE.com:443/a/../b#c": "https://example.com/b",
    "http://bücher.example/ü?q=ü": "http://xn--bcher-kva.example/%C3%BC?q=%C3%BC",
    "http://example.com./a?b#c": "http://example.com/a?b",
    "http://1.1.1.1:8080/": "http://1.1.1.1:8080/",
    "http://0x01010101/": "http://1.1.1.1/",
    "http://[2606:4700::1111]/": "http://[2606:4700::1111]/",
    "http://[64:ff9b::101:101]/": "http://[64:ff9b::101:101]/",
    "http://example.com\\@127.0.0.1/": "http://example.com/@127.0.0.1/",
    " http://example.com/\n": "http://example.com/",
    "http://:@example.com/x@y/..": "http://example.com/",
    "http://my_host.example.com/": "http://my_host.example.com/",
    "http://127.0.0.1.nip.io/": "http://127.0.0.1.nip.io/",  # its address is refused when it is looked up
}


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_refused_in_every_spelling(url: str) -> None:
    with pytest.raises(errors.BadUrl):
        fetch.check_url(url)


@pytest.mark.parametrize("url", NO_PAGE)
def test_what_is_no_address_of_a_page_is_refused(url: str) -> None:
    with pytest.raises(errors.BadUrl) as caught:
        fetch.check_url(url)
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(("url", "requested"), PUBLIC.items())
def test_a_public_address_is_written_as_it_will_be_requested(url: str, requested: str) -> None:
    assert fetch.check_url(url).href == requested


@pytest.mark.parametrize("port", [1, 22, 25, 53, 110, 6379, 6380, 11211, 26379, 3306, 5432, 9200, 0])
def test_a_port_of_another_service_is_refused(port: int) -> None:
    with (
        pytest.raises(errors.RefusedAddress, match="not a port of web pages"),
        config.overridden(fetch_allow_networks="0.0.0.0/0"),
    ):
        fetch.check_url(f"http://example.com:{port}/")


@pytest.mark.parametrize(
    ("redis_url", "host", "port"),
    [
        ("redis://:secret@store.example:7001/0", "store.example", 7001),
        ("rediss://10.0.0.5:7001", "10.0.0.5", 7001),
        ("redis+sentinel://:p@10.0.0.1:7001,10.0.0.2:7002/mymaster/0", "10.0.0.2", 7002),
    ],
)
def test_the_own_store_is_refused_even_in_a_network_that_is_allowed(redis_url: str, host: str, port: int) -> None:
    with config.overridden(redis_url=redis_url, fetch_allow_networks="10.0.0.0/8, store.example"):
        with pytest.raises(errors.RefusedAddress):
            fetch.check_url(f"http://{host}:{port}/")
        fetch.check_url(f"http://{host}:8000/")


def test_the_own_store_is_refused_under_every_name_and_address(names: dict[str, list[str]]) -> None:
    names["store.example"], names["alias.example"], names["other.example"] = ["10.0.0.5"], ["10.0.0.5"], ["10.0.0.6"]
    with config.overridden(redis_url="redis://store.example:7001/0", fetch_allow_networks="10.0.0.0/8"):
        for url in ("http://alias.example:7001/", "http://10.0.0.5:7001/", "http://other.example:7001/"):
            with pytest.raises(errors.RefusedAddress, match="store"):
                targets.resolve(targets.check(url), float("inf"))
        assert targets.resolve(targets.check("http://alias.example:7002/"), float("inf")) == ("10.0.0.5",)
    with config.overridden(redis_url="redis://store.example:7001/0"):
        names["store.example"], names["alias.example"] = ["1.1.1.1"], ["1.1.1.1"]
        targets.lookup.forget()
        with pytest.raises(errors.RefusedAddress, match="store"):
            targets.resolve(targets.check("http://alias.example:7001/"), float("inf"))


def test_named_networks_and_hosts_may_be_fetched_and_no_others(names: dict[str, list[str]]) -> None:
    names.update({"wiki.corp": ["10.9.9.9"], "app.lan": ["192.168.7.7"]})
    with config.overridden(fetch_allow_networks=" 192.168.0.0/16,wiki.corp ,fd12::/16"):
        for url in ("http://192.168.7.1/", "http://wiki.corp/", "http://[fd12::1]/", "http://app.lan/"):
            targets.resolve(targets.check(url), float("inf"))
        for url in ("http://10.9.9.9/", "http://127.0.0.1/", "http://[::ffff:10.9.9.9]/", "http://[fd13::1]/"):
            with pytest.raises(errors.RefusedAddress, match="FETCH_ALLOW_NETWORKS"):
                targets.check(url)


def test_metadata_of_clouds_is_refused_even_in_a_network_that_is_allowed() -> None:
    with config.overridden(fetch_allow_networks="0.0.0.0/0, ::/0"):
        for address in addresses.METADATA:
            host = f"[{address}]" if address.version == 6 else str(address)
            with pytest.raises(errors.RefusedAddress, match="never fetched"):
                targets.check(f"http://{host}/")
        with pytest.raises(errors.RefusedAddress, match="never fetched"):
            targets.check("http://[::ffff:169.254.169.254]/")


@pytest.mark.parametrize("value", ["10.0.0.0/99", "http://wiki.corp", "*.corp", "10.0.0.1-10.0.0.9", "ä.example", "a b"])
def test_a_setting_that_names_no_network_is_an_error(value: str) -> None:
    with config.overridden(fetch_allow_networks=value), pytest.raises(errors.ConfigError, match="FETCH_ALLOW_NETWORKS"):
        fetch.check_url("http://10.0.0.1/")


def test_an_address_of_each_kind_is_judged_by_the_registries() -> None:
    assert [
        text for text in ("8.8.8.8", "2a00:1450:4001::1", "64:ff9b::808:808", "192.31.196.1") if not addresses.is_public(text)
    ] == []
    wrong = ("::ffff:8.8.8.8", "2002:808:808::1", "::8.8.8.8", "fe80::1%eth0", "", "x", "8.8.8", "64:ff9b::a00:1")
    assert [text for text in wrong if addresses.is_public(text)] == []


@pytest.mark.parametrize("url", [None, 5, b"http://example.com/", ["http://example.com/"], {}])
def test_what_is_no_text_is_no_address(url: object) -> None:
    with pytest.raises(errors.BadUrl, match="text"):
        fetch.check_url(url)  # type: ignore[arg-type]
    with pytest.raises(errors.ArgumentError, match="text"):
        fetch.check(fetch.Request("http://example.com/", headers={"X-A": url}))  # type: ignore[dict-item]


@hypothesis.given(
    strategies.text() | strategies.text().map("http://".__add__) | strategies.from_regex(r"https?://[^/]{0,40}/.{0,20}")
)
def test_any_text_is_an_address_or_refused_and_is_the_same_when_checked_again(text: str) -> None:
    try:
        url = fetch.check_url(text)
    except errors.BadUrl as exc:
        assert str(exc)
        return
    assert fetch.check_url(url.href) == url
    assert url.scheme in ("http", "https") and not url.userinfo and not url.host.endswith(".")


@hypothesis.given(strategies.ip_addresses())
def test_no_address_is_public_that_python_knows_as_private(address: object) -> None:
    if not address.is_global or address.is_multicast:  # type: ignore[attr-defined]
        assert not addresses.is_public(str(address))
