"""Which addresses a message may go to: the open internet by https, and what is allowed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mam.errors import BadRequest
from mam.web.addresses import Allowed, address_check, is_open, target_of
from mam.web.signing import secret_made, signed

NONE = Allowed()
PRIVATE = (
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "224.0.0.1", "224.0.1.1", "239.1.1.1", "255.255.255.255",
    "198.18.0.1", "192.0.2.1", "203.0.113.9", "240.0.0.1",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::a00:1",
    "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:a00:1::", "2002:7f00:1::1",
    "2001::a00:1", "2001:db8::1",
)  # fmt: skip
OPEN = ("1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1")


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_of_the_open_internet_is_refused_in_every_dress(text: str) -> None:
    assert not is_open(ip_address(text))
    target = target_of("https://hooks.example.com/", NONE)
    with pytest.raises(BadRequest):
        address_check(target, [ip_address("1.1.1.1"), ip_address(text)], NONE)


@pytest.mark.parametrize("text", OPEN)
def test_what_is_of_the_open_internet_is_called(text: str) -> None:
    assert is_open(ip_address(text))
    address_check(target_of("https://hooks.example.com/", NONE), [ip_address(text)], NONE)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(inner: IPv4Address) -> None:
    number = int(inner)
    for outer in (
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
    ):
        assert is_open(outer) == is_open(inner)
    if not is_open(inner):
        assert not is_open(IPv6Address((0x2002 << 112) | (number << 80)))


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks", "http://hooks.example.com/", "ftp://hooks.example.com/", "//hooks.example.com",
        "https://", "https:///x", "https://ann:pw@hooks.example.com/", "https://ann@hooks.example.com/",
        "https://hooks.example.com/#x", "https://hooks.example.com:22/", "https://hooks.example.com:25",
        "https://hooks.example.com:80/", "https://hooks.example.com:0/", "https://h:99999/",
        "https://hooks.example.com:x/", "https://hooks.example.com/\r\nX-Evil: 1", "https://a b/",
        "https://hooks.example.com/ü", "https://hооks.example.com/", "https://[::1]/",
        "https://[fe80::1%25eth0]/", "https://127.0.0.1/", "https://10.0.0.1:8443/",
        "https://169.254.169.254/latest/meta-data/", "https://[::ffff:10.0.0.1]/", "https://[::1",
        "https://hooks\\@127.0.0.1/", "https://hooks.example.com/" + "x" * 3000,
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(BadRequest) as refused:
        target_of(url, NONE)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://Hooks.Example.com", "hooks.example.com", "/"),
        ("https://hooks.example.com./a?b=c", "hooks.example.com", "/a?b=c"),
        ("https://hooks.example.com:8443/a", "hooks.example.com:8443", "/a"),
        ("https://[2606:4700::1111]/x", "[2606:4700::1111]", "/x"),
    ],
)
def test_an_address_is_taken_apart(url: str, authority: str, path: str) -> None:
    target = target_of(url, NONE)
    assert (target.authority, target.path) == (authority, path)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://hooks.example.com/{text}"):
        try:
            target = target_of(url, NONE)
        except BadRequest:
            continue
        assert (target.authority + target.path).isascii()
        assert (target.authority + target.path).isprintable()


def test_the_operator_may_allow_hosts_and_networks() -> None:
    allowed = Allowed.of(["hooks.lan", "10.1.0.0/16", "::1"])
    named, other = (
        target_of("http://hooks.lan:8000/", allowed),
        target_of("https://x.lan/", allowed),
    )
    address_check(named, [ip_address("192.168.1.1")], allowed)
    address_check(other, [ip_address("10.1.2.3")], allowed)
    target_of("http://10.1.2.3/", allowed)
    target_of("https://[::1]:9000/", allowed)
    with pytest.raises(BadRequest, match="private"):
        address_check(other, [ip_address("10.1.2.3"), ip_address("10.2.0.1")], allowed)
    with pytest.raises(BadRequest, match="https alone"):
        target_of("http://10.2.0.1/", allowed)
    # By a name http is seen to be allowed only where the name leads.
    plain = target_of("http://x.lan/", allowed)
    with pytest.raises(BadRequest, match="https alone"):
        address_check(plain, [ip_address("1.1.1.1")], allowed)
    for nobody in ("0.0.0.0", "224.0.0.1"):
        with pytest.raises(BadRequest, match="nobody"):
            address_check(named, [ip_address(nobody)], allowed)


@pytest.mark.parametrize("word", ["10.0.0.0/33", "https://hooks.lan", "a:b"])
def test_an_allowance_that_cannot_be_read_is_told(word: str) -> None:
    with pytest.raises(BadRequest, match="MAM_WEBHOOK_ALLOW"):
        Allowed.of([word])


def test_a_message_is_signed_by_the_convention() -> None:
    """The example of the specification, and by hand."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    made = secret_made()
    key = base64.b64decode(made.removeprefix("whsec_"))
    assert len(key) == 32 and made != secret_made()
    mark = base64.b64encode(hmac.new(key, b"msg_1.5.{}", hashlib.sha256).digest()).decode()
    assert signed(made, "msg_1", 5, b"{}") == {
        "webhook-id": "msg_1", "webhook-timestamp": "5", "webhook-signature": f"v1,{mark}",
    }  # fmt: skip
