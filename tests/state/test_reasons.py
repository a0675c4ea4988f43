"""Every failure to connect says its reason and what helps, in one line: real servers, real certificates, real refusals."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

import config
import logs
from errors import StoreUnreachable, UnsafeStore
from state.store import connection, sockets, transport
from tests.conftest import server_binary
from tests.local.real import until

pytestmark = pytest.mark.real_redis


def reason(url: str) -> str:
    """What people read when this URL is used; it is one line and holds no traceback."""
    with config.overridden(redis_url=url):
        client = connection.connect(url)
        before = connection.client()
        connection.use(client)
        try:
            with pytest.raises((StoreUnreachable, UnsafeStore)) as caught, connection.errors_translated():
                transport.ask([("PING",)])
            with pytest.raises((StoreUnreachable, UnsafeStore)), connection.errors_translated():
                client.ping()
        finally:
            connection.use(before)
            client.close()
    said = str(caught.value)
    assert "\n" not in said and logs.without_secrets(said) == said
    return said


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def server(folder: Path, *options: str) -> Iterator[int]:
    """A Redis of its own; its port."""
    port = free_port()
    command = [server_binary(), "--port", str(port), "--dir", str(folder), "--save", "", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")), daemon=True)  # type: ignore[union-attr]
    reader.start()
    try:
        until(lambda: process.poll() is not None or any("eady to accept" in line for line in lines))
        if process.poll() is not None and "--tls-port" in options:
            pytest.skip("this server was built without TLS")
        yield port
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def answering(reply: bytes | None) -> Iterator[int]:
    """A server that is no Redis: it says this to whoever sends something, and hangs up; None = it hangs up at once."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            with client:
                if reply is not None:
                    client.recv(4096)
                    client.sendall(reply)

    thread = threading.Thread(target=serve)
    thread.start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    listener.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a certificate for localhost, one that has expired, and one for another host."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make certificates with")
    home = tmp_path_factory.mktemp("tls")

    def openssl(*args: str) -> None:
        subprocess.run(["openssl", *args], cwd=home, check=True, capture_output=True)

    subject = ["-nodes", "-newkey", "rsa:2048", "-subj"]
    openssl("req", "-x509", *subject, "/CN=authority", "-keyout", "ca.key", "-out", "ca.crt", "-days", "9")
    for name, host, days in (("good", "localhost", "9"), ("old", "localhost", "-1"), ("other", "elsewhere.example", "9")):
        openssl("req", *subject, f"/CN={host}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        (home / "names").write_text(f"subjectAltName=DNS:{host}\n")
        signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-days", days]
        openssl("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.crt", *signed)
    (home / "broken.crt").write_text("no certificate\n")
    return home


@contextmanager
def tls(certificates: Path, folder: Path, name: str, *options: str) -> Iterator[int]:
    """A Redis that speaks TLS with that certificate; the TLS port."""
    port = free_port()
    files = ["--tls-cert-file", str(certificates / f"{name}.crt"), "--tls-key-file", str(certificates / f"{name}.key")]
    files += ["--tls-ca-cert-file", str(certificates / "ca.crt"), "--tls-auth-clients", "no"]
    with server(folder, "--tls-port", str(port), *files, *options):
        yield port


def test_nobody_there(tmp_path: Path) -> None:
    assert "connection refused. Start one with `python manage.py redis`" in reason(f"redis://127.0.0.1:{free_port()}/0")
    assert "host name of Redis is not known" in reason("redis://no-such-host.invalid:6379/0")
    assert "host name of Redis is not known" in reason(f"redis://{'x' * 70}.example:6379/0")
    assert "There is no socket" in reason(f"unix://{tmp_path}/none")
    (tmp_path / "file").touch()
    assert "connection refused" in reason(f"unix://{tmp_path}/file")


@pytest.mark.skipif(os.getuid() == 0, reason="root may open everything")
def test_a_socket_that_is_not_ours_to_open(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        (tmp_path / "s").chmod(0)
        assert "We may not open" in reason(f"unix://{tmp_path}/s")


def test_no_redis_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert "is no Redis" in reason(f"redis://127.0.0.1:{port}/0")
    with answering(None) as port:
        assert "hung up" in reason(f"redis://127.0.0.1:{port}/0")


def test_a_server_that_takes_nobody_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "REPLY_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:  # takes connections and never answers
        assert "does not answer (no answer within 0.2 s)" in reason(f"redis://127.0.0.1:{listener.getsockname()[1]}/0")


def test_user_password_and_database(tmp_path: Path) -> None:
    with server(tmp_path, "--requirepass", "right") as port:
        assert "asks for a password" in reason(f"redis://127.0.0.1:{port}/0")
        assert "refuses the password or user" in reason(f"redis://:wrong@127.0.0.1:{port}/0")
        assert "refuses the password or user" in reason(f"redis://right@127.0.0.1:{port}/0")
        assert "no database of that number" in reason(f"redis://:right@127.0.0.1:{port}/99")
        assert "asks for a password" in reason(f"redis://127.0.0.1:{port}/0?protocol=2")


def test_a_password_for_a_server_without_one(tmp_path: Path) -> None:
    with server(tmp_path) as port:
        assert "has no password" in reason(f"redis://:x@127.0.0.1:{port}/0?protocol=2")


def test_a_certificate_that_is_not_trusted_says_so_and_how_to_trust_it(certificates: Path, tmp_path: Path) -> None:
    with tls(certificates, tmp_path, "good") as port:
        here = f"rediss://localhost:{port}/0"
        assert "not known here" in reason(here) and "ssl_ca_certs" in reason(here)
        assert "cannot be used" in reason(f"{here}?ssl_ca_certs={certificates}/broken.crt")
        for query in (f"ssl_ca_certs={certificates}/ca.crt", "ssl_cert_reqs=CERT_NONE", "ssl_cert_reqs=None"):
            client = connection.connect(f"{here}?{query}")
            assert client.ping() and transport.Wire(client).ask([("ECHO", "x")]) == [b"x"]
            client.close()


@pytest.mark.parametrize(("name", "words"), [("old", "has expired"), ("other", "is for another host")])
def test_a_certificate_that_does_not_fit(certificates: Path, tmp_path: Path, name: str, words: str) -> None:
    with tls(certificates, tmp_path, name) as port:
        assert words in reason(f"rediss://localhost:{port}/0?ssl_ca_certs={certificates}/ca.crt")


def test_plain_to_a_tls_port_and_tls_to_a_plain_one(certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "CONNECT_TIMEOUT_S", 0.5)
    with tls(certificates, tmp_path, "good") as port:
        assert "rediss://" in reason(f"redis://localhost:{port}/0")
    with server(tmp_path) as port:
        assert "does not speak TLS" in reason(f"rediss://127.0.0.1:{port}/0")
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert "does not speak TLS" in reason(f"rediss://127.0.0.1:{port}/0")


def test_the_greeting_of_tls_is_waited_for_as_long_as_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without TLS never answers it: nobody should wait as long as for a reply to learn that."""
    waited: list[float | None] = []

    def wrap(self: Any, sock: socket.socket) -> socket.socket:
        waited.append(sock.gettimeout())
        return sock

    monkeypatch.setattr(redis.SSLConnection, "_wrap_socket_with_ssl", wrap)
    link = connection.connect("rediss://127.0.0.1:1/0").connection_pool._new()
    with socket.socket() as sock:
        sock.settimeout(sockets.REPLY_TIMEOUT_S)
        link._wrap_socket_with_ssl(sock)
        assert sock.gettimeout() == sockets.REPLY_TIMEOUT_S > sockets.CONNECT_TIMEOUT_S
    assert waited == [sockets.CONNECT_TIMEOUT_S]


def test_a_server_with_clients_of_its_choice(certificates: Path, tmp_path: Path) -> None:
    with tls(certificates, tmp_path, "good", "--tls-auth-clients", "yes") as port:
        said = reason(f"rediss://localhost:{port}/0?ssl_ca_certs={certificates}/ca.crt")
        assert "certificate of ours" in said or "hung up" in said


def test_a_wait_over_tls_ends_too(certificates: Path, tmp_path: Path) -> None:
    """Nothing but the answer makes the descriptor readable: no session ticket wakes the worker, and no read of it hangs."""
    with tls(certificates, tmp_path, "good") as port:
        client = connection.connect(f"rediss://localhost:{port}/0?ssl_cert_reqs=none")
        link = client.connection_pool.separate()
        assert link._sock.gettimeout() == sockets.REPLY_TIMEOUT_S
        link._sock.settimeout(0.0)
        with pytest.raises(OSError):
            link._sock.read(1)
        client.connection_pool.release(link)
        client.close()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (redis.exceptions.BusyLoadingError("Redis is loading the dataset in memory"), "is loading its data.*goes on by itself"),
        (redis.ResponseError("NOREPLICAS Not enough good replicas to write."), "min-replicas-to-write"),
        (redis.exceptions.ReadOnlyError("You can't write against a read only replica.", status_code="READONLY"), "is a replica"),
        (redis.ConnectionError("MOVED 1 127.0.0.1:1"), "cluster"),
        (redis.exceptions.ClusterCrossSlotError("Keys in request don't hash to the same slot"), "without cluster mode"),
        (redis.ResponseError("Script attempted to access a non local key in a cluster node script: x"), "without cluster mode"),
        (redis.ResponseError("unknown command 'EVALSHA', with args beginning with: "), "not do all that Redis does.*look-alikes"),
        (redis.ResponseError("script tried accessing undeclared key, key: rq:job:x"), "not do all that Redis does"),
        (redis.ResponseError("NOPROTO unsupported protocol version"), "not do all that Redis does"),
        (redis.ResponseError("max daily request limit exceeded. Limit: 10000, Usage: 10000."), "plan.*used up.*larger plan"),
        (redis.ResponseError("max requests limit exceeded. Limit: 500000, Usage: 500000."), "plan.*used up"),
        (redis.ConnectionError("max number of clients reached"), "maxclients.*max_connections"),
        (redis.ConnectionError("Error 113 connecting to 10.0.0.1:6379. No route to host."), "no way leads to its host"),
        (redis.TimeoutError("Timeout connecting to server"), "firewall"),
        (redis.ConnectionError("Connection reset by peer"), "hung up"),
        (redis.ResponseError("BUSY Redis is busy running a script. You can only call SCRIPT KILL"), "SCRIPT KILL"),
        (redis.ConnectionError("DENIED Redis is running in protected mode because"), "protected mode"),
        (redis.ConnectionError("something new"), r"does not answer \(ConnectionError: something new\)"),
    ],
)
def test_each_error_is_told_by_its_words(error: Exception, words: str) -> None:
    with pytest.raises((StoreUnreachable, UnsafeStore), match=words), connection.errors_translated():
        raise error
