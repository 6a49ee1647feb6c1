"""Sending a message to an address that a person named: checked, bounded, and never redirected.

The host is looked up once, every address it has is checked, and one of these is called: a name that
means something else a moment later (DNS rebinding) changes nothing. The environment's proxies are
not asked. Of the answer only its status is read.
"""

from __future__ import annotations

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from typing import Any

from mam.errors import BadRequest, TransientError
from mam.web.addresses import Address, Allowed, Target, address_check, target_of

SECONDS = 10.0
"""For all of it: looking up, connecting, sending and the answer's first lines."""
MOST_ANSWER = 32 << 10

Resolver = Callable[[str, int], Sequence[str]]


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as the machine's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Allowed,
    seconds: float = SECONDS,
    resolve: Resolver = resolved,
) -> int:
    """The status that the receiver answers with.

    Raises BadRequest for an address that may not be called, TransientError where nobody answers
    as HTTP, in time and under a certificate that can be trusted.
    """
    deadline = time.monotonic() + seconds
    target = target_of(url, allowed)
    addresses = _looked_up(target, resolve, deadline)
    address_check(target, addresses, allowed)
    request = _request(target, body, headers)
    try:
        with _connected(target, addresses, deadline) as channel:
            return _exchanged(channel, request, deadline)
    except ssl.SSLCertVerificationError as error:
        raise TransientError(f"The certificate is not trusted: {error.verify_message}.") from None
    except ssl.SSLError:
        raise TransientError("No TLS connection could be made.") from None
    except TimeoutError:
        raise TransientError(f"There was no answer within {seconds:g} s.") from None
    except (HTTPException, ValueError):
        raise TransientError("What answered is no web server.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TransientError(f"It cannot be reached: {reason}.") from None


def _looked_up(target: Target, resolve: Resolver, deadline: float) -> list[Address]:
    """In a thread that is left behind where it takes too long: a resolver knows no deadline."""
    found: list[Sequence[str] | Exception] = []

    def look_up() -> None:
        try:
            found.append(resolve(target.host, target.port))
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    answer = found[0] if found else TimeoutError()
    if isinstance(answer, Exception):
        raise TransientError(f"{target.host} cannot be looked up.") from None
    try:
        return [ip_address(text) for text in answer]
    except ValueError:
        raise BadRequest(f"{target.host} has an address that cannot be read.") from None


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = {
        "Host": target.authority,
        "User-Agent": "mam",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    for name, value in lines.items():
        if not (name + value).isascii() or not (name + value).isprintable():
            raise ValueError(f"The header {name!r} cannot be sent.")
    head = f"POST {target.path} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return head.encode("ascii") + b"\r\n" + body


def _connected(target: Target, addresses: Sequence[Address], deadline: float) -> socket.socket:
    """A channel to the first of these addresses that answers; under TLS the certificate must be
    the named host's, whatever the address."""
    refused: OSError = TimeoutError()
    for address in addresses:
        try:
            channel = socket.create_connection((str(address), target.port), _left(deadline))
            break
        except TimeoutError:
            raise
        except OSError as error:
            refused = error
    else:
        raise refused
    if not target.is_safe:
        return channel
    try:
        channel.settimeout(_left(deadline))
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context.wrap_socket(channel, server_hostname=target.host)
    except BaseException:
        channel.close()
        raise


def _exchanged(channel: socket.socket, request: bytes, deadline: float) -> int:
    rest = memoryview(request)
    while rest:
        channel.settimeout(_left(deadline))
        rest = rest[channel.send(rest) :]
    answer = HTTPResponse(_Answering(channel, deadline), method="POST")  # type: ignore[arg-type]
    answer.begin()
    return answer.status


def _left(deadline: float) -> float:
    """Seconds, more than none: a socket takes 0 for another mode. Raises TimeoutError."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Answering:
    """As much of a socket as http.client reads from."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel, self._deadline = channel, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Bounded(self._channel, self._deadline))


class _Bounded(io.RawIOBase):
    """What comes in, until a deadline that no trickle of bytes moves, and no more than enough."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel, self._deadline, self._room = channel, deadline, MOST_ANSWER

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._room <= 0:
            raise HTTPException("The answer is too long.")
        self._channel.settimeout(_left(self._deadline))
        count = self._channel.recv_into(buffer, min(len(buffer), self._room))
        self._room -= count
        return count
