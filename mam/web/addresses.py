"""Where a message may be sent: https to the open internet, or what the operator allows. Pure.

A person types the address, and the server calls it: unless that is bounded, anybody who may sign
in could have the server knock at doors that only it can reach.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from mam.errors import BadRequest

MOST_LETTERS = 2000
LEAST_PORT = 1024
"""Below it only 443, and 80 where http is allowed: no mail server is spoken to by mistake."""
_NAT64 = ip_network("64:ff9b::/96")
_NAT64_LOCAL = ip_network("64:ff9b:1::/48")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Target:
    """An address taken apart: `host` in the letters that DNS knows, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_safe(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """As the header `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_safe else 80) else f"{host}:{self.port}"


@dataclass(frozen=True)
class Allowed:
    """Hosts by name, and networks, that may be private and be called by http."""

    names: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()

    @classmethod
    def of(cls, words: Collection[str]) -> Allowed:
        """Of names (`hooks.lan`), addresses and networks (`10.1.0.0/16`). Raises BadRequest."""
        names, networks = set(), []
        for word in words:
            try:
                networks.append(str(ip_network(word.strip("[]"))))
            except ValueError:
                if "/" in word or ":" in word:
                    raise BadRequest(
                        f"MAM_WEBHOOK_ALLOW: {word[:80]!r} is no host and no network."
                    ) from None
                names.add(word.lower().rstrip("."))
        return cls(frozenset(names), tuple(networks))

    def host(self, name: str) -> bool:
        return name in self.names

    def address(self, address: Address) -> bool:
        return any(address in ip_network(network) for network in self.networks)


def target_of(text: str, allowed: Allowed) -> Target:
    """What an address says. Raises BadRequest, saying what is wrong with it."""
    if len(text) > MOST_LETTERS:
        raise BadRequest(f"An address has at most {MOST_LETTERS} letters.")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise BadRequest("An address is written in plain letters, without blanks.")
    try:
        parts = urlsplit(text)
        port, host = parts.port, _host(parts.hostname or "")
    except ValueError as error:
        raise BadRequest(f"The address cannot be read: {error}.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise BadRequest("An address begins with https:// and names a host.")
    if parts.username is not None or parts.password is not None:
        raise BadRequest("An address holds no name and password: messages are signed.")
    if parts.fragment:
        raise BadRequest("An address ends before the #.")
    if parts.scheme == "http" and not (allowed.host(host) or _literal_allowed(host, allowed)):
        raise BadRequest(f"{host} is called by https alone; MAM_WEBHOOK_ALLOW may allow http.")
    usual = 443 if parts.scheme == "https" else 80
    port = usual if port is None else port
    if port != usual and not LEAST_PORT <= port <= 65535:
        raise BadRequest(f"The port {port} is not called: {usual}, or {LEAST_PORT} and above, are.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    found = Target(parts.scheme, host, port, path)
    if literal := _literal(host):
        address_check(found, [literal], allowed)
    return found


def address_check(target: Target, addresses: Collection[Address], allowed: Allowed) -> None:
    """That a host may be called at every address it has. Raises BadRequest: which, is not told,
    since what a name means inside is nobody's business."""
    if not addresses:
        raise BadRequest(f"{target.host} has no address.")
    for address in addresses:
        if _is_nobodys(address):
            raise BadRequest(f"{target.host} has an address that nobody can be called at.")
        if allowed.host(target.host) or allowed.address(address):
            continue
        if not target.is_safe:
            raise BadRequest(f"{target.host} is called by https alone.")
        if not is_open(address):
            raise BadRequest(
                f"{target.host} lies in a private network; MAM_WEBHOOK_ALLOW may allow it."
            )


def is_open(address: Address) -> bool:
    """Whether it, and every address it stands for, is one of the open internet."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_open(address.ipv4_mapped)
        if address in _NAT64:
            return is_open(IPv4Address(int(address) & 0xFFFFFFFF))
        inner = [address.sixtofour, *(address.teredo or ())]
        if any(one is not None and not is_open(one) for one in inner):
            return False
        if address.is_site_local or address in _NAT64_LOCAL:
            return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
    )


def _is_nobodys(address: Address) -> bool:
    """No host of its own, even where everything is allowed."""
    return address.is_multicast or address.is_unspecified


def _host(name: str) -> str:
    name = name.lower().rstrip(".")
    if any(letter not in "abcdefghijklmnopqrstuvwxyz0123456789-._:" for letter in name):
        raise ValueError("its host is no name")
    return name


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _literal_allowed(host: str, allowed: Allowed) -> bool:
    """Of a name, what its addresses are is seen when it is called."""
    literal = _literal(host)
    return bool(allowed.networks) if literal is None else allowed.address(literal)
