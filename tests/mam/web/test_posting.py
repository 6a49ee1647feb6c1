"""Sending to a real receiver, over TLS under a certificate made for it: who is believed, who is
not, and how long anybody is waited for."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mam.errors import BadRequest, MamError, TransientError
from mam.web.addresses import Allowed
from mam.web.posting import post

HOST = "hooks.test"
ALLOWED = Allowed.of([HOST])
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
Answer = Callable[[socket.socket], None]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-made, for HOST alone; key and certificate in one file."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator has it trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


class Receiver:
    """Answers each connection as it is told, and keeps what came in."""

    def __init__(self, answer: Answer, certificate: Path | None) -> None:
        self.heard: list[bytes] = []
        self.names: list[str | None] = []
        self._answer = answer
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
            self._context.sni_callback = lambda sock, name, context: self.names.append(name)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                channel, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(channel,), daemon=True).start()

    def _one(self, channel: socket.socket) -> None:
        try:
            if self._context is not None:
                channel = self._context.wrap_socket(channel, server_side=True)
            heard = b""
            while b"\r\n\r\n" not in heard:
                heard += channel.recv(65536) or b"\r\n\r\n"
            self.heard.append(heard)
            self._answer(channel)
        except OSError:
            pass
        finally:
            channel.close()

    def close(self) -> None:
        self._server.close()


@contextmanager
def receiving(answer: Answer | bytes, certificate: Path | None) -> Iterator[Receiver]:
    said = answer

    def say(channel: socket.socket) -> None:
        if isinstance(said, bytes):
            channel.sendall(said)
        else:
            said(channel)

    receiver = Receiver(say, certificate)
    try:
        yield receiver
    finally:
        receiver.close()


def send(port: int, *, scheme: str = "https", seconds: float = 5, host: str = HOST) -> int:
    return post(
        f"{scheme}://{host}:{port}/in?x=1",
        b'{"a": 1}',
        {"webhook-id": "msg_1"},
        allowed=ALLOWED,
        seconds=seconds,
        resolve=lambda name, port: ["127.0.0.1"],
    )


@pytest.mark.usefixtures("trusted")
def test_a_message_arrives_whole_under_the_name_it_was_sent_to(certificate: Path) -> None:
    with receiving(OK, certificate) as receiver:
        assert send(receiver.port) == 204
    head, _, body = receiver.heard[0].partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /in?x=1 HTTP/1.1"
    assert {
        f"Host: {HOST}:{receiver.port}".encode(), b"webhook-id: msg_1", b"Content-Length: 8",
    } <= set(head.splitlines())  # fmt: skip
    assert body == b'{"a": 1}'
    assert receiver.names == [HOST]


def test_a_certificate_that_nobody_vouches_for_is_not_believed(certificate: Path) -> None:
    with receiving(OK, certificate) as receiver:
        with pytest.raises(TransientError, match="certificate"):
            send(receiver.port)
        assert not receiver.heard


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_host_is_not_believed(certificate: Path) -> None:
    allowed = Allowed.of(["other.test"])
    with receiving(OK, certificate) as receiver:
        with pytest.raises(TransientError, match="certificate"):
            post(
                f"https://other.test:{receiver.port}/", b"", {}, allowed=allowed,
                resolve=lambda name, port: ["127.0.0.1"],
            )  # fmt: skip
        assert not receiver.heard


@pytest.mark.parametrize("status", [301, 302, 307, 308, 410, 500])
@pytest.mark.usefixtures("trusted")
def test_a_redirect_is_told_and_not_followed(certificate: Path, status: int) -> None:
    with receiving(OK, certificate) as inside:
        there = f"HTTP/1.1 {status} X\r\nLocation: https://{HOST}:{inside.port}/\r\n\r\n".encode()
        with receiving(there, certificate) as receiver:
            assert send(receiver.port) == status
        assert not inside.heard


def _trickle(channel: socket.socket) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
        channel.send(bytes([letter]))
        time.sleep(0.1)


@pytest.mark.parametrize("answer", [_trickle, lambda channel: time.sleep(30)])
@pytest.mark.usefixtures("trusted")
def test_no_trickle_of_bytes_moves_the_deadline(certificate: Path, answer: Answer) -> None:
    with receiving(answer, certificate) as receiver:
        began = time.monotonic()
        with pytest.raises(TransientError, match="no answer within 1 s"):
            send(receiver.port, seconds=1)
        assert time.monotonic() - began < 3


@pytest.mark.usefixtures("trusted")
def test_an_answer_without_an_end_is_not_read_to_it(certificate: Path) -> None:
    def endless(channel: socket.socket) -> None:
        channel.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            channel.sendall(b"X-Y: " + b"z" * 1000 + b"\r\n")

    with (
        receiving(endless, certificate) as receiver,
        pytest.raises(TransientError, match="no web server"),
    ):
        send(receiver.port)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("said", [b"", b"\0\1\2", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_web_server_is_told(certificate: Path, said: bytes) -> None:
    with receiving(said, certificate) as receiver, pytest.raises(TransientError):
        send(receiver.port)


def test_who_does_not_listen_or_speaks_no_tls_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TransientError, match="reached"):
        send(port)
    with receiving(b"nothing of the kind\r\n\r\n", None) as receiver, pytest.raises(TransientError):
        send(receiver.port, seconds=2)


def test_http_is_spoken_where_it_is_allowed() -> None:
    with receiving(OK, None) as receiver:
        assert send(receiver.port, scheme="http") == 204
        with pytest.raises(BadRequest, match="https alone"):
            send(receiver.port, scheme="http", host="other.test")


def test_a_name_is_looked_up_once_and_what_was_checked_is_called(certificate: Path) -> None:
    """DNS that answers otherwise the second time."""
    answers = [["192.0.2.1", "127.0.0.1"], ["127.0.0.1"]]
    asked = []

    def rebound(name: str, port: int) -> list[str]:
        asked.append(name)
        return answers[min(len(asked), len(answers)) - 1]

    with receiving(OK, certificate) as receiver:
        with pytest.raises(BadRequest, match="private"):
            post(
                f"https://rebound.test:{receiver.port}/", b"", {}, allowed=ALLOWED, resolve=rebound
            )
        assert asked == ["rebound.test"] and not receiver.heard


def test_the_machines_own_name_is_private_whatever_it_is_called() -> None:
    with pytest.raises(BadRequest, match="private"):
        post("https://localhost:8443/", b"", {}, allowed=Allowed())


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(OK, None) as proxy, receiving(OK, None) as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(receiver.port, scheme="http") == 204
        assert receiver.heard and not proxy.heard


@pytest.mark.parametrize("answer", [[], ["nonsense"]])
def test_a_name_that_leads_nowhere_is_told(answer: list[str]) -> None:
    with pytest.raises(MamError, match=r"hooks\.test"):
        post(f"https://{HOST}/", b"", {}, allowed=ALLOWED, resolve=lambda name, port: answer)


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    def stuck(name: str, port: int) -> list[str]:
        time.sleep(5)
        return ["1.1.1.1"]

    began = time.monotonic()
    with pytest.raises(TransientError, match="looked up"):
        post(f"https://{HOST}/", b"", {}, allowed=ALLOWED, seconds=0.5, resolve=stuck)
    assert time.monotonic() - began < 3


def test_a_header_cannot_end_the_head() -> None:
    with receiving(OK, None) as receiver:
        with pytest.raises(ValueError, match="webhook-id"):
            post(
                f"http://{HOST}:{receiver.port}/", b"", {"webhook-id": "a\r\nX: 1"},
                allowed=ALLOWED, resolve=lambda name, port: ["127.0.0.1"],
            )  # fmt: skip
        assert not receiver.heard
