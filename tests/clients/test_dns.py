"""Mail servers of a domain, asked of a name server on loopback that answers as real ones do, or not at all."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

import errors
from clients import dns as client

ZONE = {
    "a.example.": [*(f"{n}0 mx{n}.a.example." for n in range(9, 1, -1)), "10 MX1.a.example."],
    "null.example.": ["0 ."],
    "bücher.example.".encode("idna").decode(): ["10 mx.b.example."],
}


def answer(query: dns.message.Message) -> dns.message.Message | None:
    """The answer to a question; None = silence."""
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    name = query.question[0].name.to_text().lower()
    if name == "late.example.":
        return None
    if name == "broken.example.":
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif name in ZONE:
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", *ZONE[name]))
    elif name != "nomail.example.":
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply


@contextmanager
def served(how: Callable[[dns.message.Message], dns.message.Message | None]) -> Iterator[int]:
    """A name server on loopback; its port."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            data, peer = server.recvfrom(4096)
            if not data:
                return
            if (reply := how(dns.message.from_wire(data))) is not None:
                server.sendto(reply.to_wire(), peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.sendto(b"", server.getsockname())
        thread.join()
        server.close()


@pytest.fixture(scope="module")
def resolver() -> Iterator[dns.resolver.Resolver]:
    with served(answer) as port:
        made = dns.resolver.Resolver(configure=False)
        made.nameservers, made.port = ["127.0.0.1"], port
        yield made


@pytest.fixture(autouse=True)
def asked(resolver: dns.resolver.Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_resolver", lambda: resolver)


@pytest.mark.parametrize(
    ("domain", "hosts"),
    [
        ("a.example", [f"mx{n}.a.example" for n in range(1, 10)]),
        ("A.example.", [f"mx{n}.a.example" for n in range(1, 10)]),
        ("bücher.example", ["mx.b.example"]),
        ("null.example", []),
        ("nomail.example", []),
        ("nowhere.example", []),
    ],
)
def test_the_preferred_host_comes_first_and_a_domain_may_have_none(domain: str, hosts: list[str]) -> None:
    assert client.mail_hosts(domain) == hosts


@pytest.mark.parametrize("domain", ["late.example", "broken.example"])
def test_without_an_answer_nothing_is_claimed(domain: str) -> None:
    with pytest.raises(errors.Unreachable, match=r"check the name servers of this machine, or set LEADS_DNS=false"):
        client.mail_hosts(domain, timeout_s=0.2)


@pytest.mark.parametrize("domain", ["a..example", "x" * 64 + ".example", ""])
def test_what_is_no_domain_is_said(domain: str) -> None:
    with pytest.raises(errors.DataError, match="is no domain"):
        client.mail_hosts(domain)
