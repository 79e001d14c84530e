"""TXT records, asked of a name server on this machine."""

import socket

import dns.rcode
import dns.resolver
import pytest

from govseal.adapters.dns import DnsTexts, resolver_of
from govseal.core.errors import DnsUnavailable, OperatorError
from support.nameserver import nameserver

DID = "openatts a=dns-did; p=did:ethr:0xab#controller; v=1.0;"


def test_each_record_is_read_whole_however_many_strings_it_has() -> None:
    long = "x" * 700
    with nameserver({"moeys.example": [DID, long]}) as server:
        assert sorted(resolver_of(server.address).texts("moeys.example")) == sorted([DID, long])
        assert set(server.asked) == {"moeys.example"}


def test_a_name_without_records_and_a_name_that_is_not_there_say_nothing() -> None:
    with nameserver({"moeys.example": []}) as server:
        reader = resolver_of(server.address)
        assert reader.texts("moeys.example") == reader.texts("nobody.example") == []


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_a_server_that_cannot_answer_is_away_and_never_a_no(rcode: dns.rcode.Rcode) -> None:
    with nameserver({}) as server:
        server.rcode = rcode
        with pytest.raises(DnsUnavailable) as caught:
            resolver_of(server.address).texts("moeys.example")
    assert caught.value.code == "DNS_UNAVAILABLE"


def test_a_silent_server_is_left_when_the_time_is_over() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], silent.getsockname()[1]
        with pytest.raises(DnsUnavailable):
            DnsTexts(resolver, seconds=0.2).texts("moeys.example")


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example", "\ud800.example"])
def test_a_name_that_cannot_be_asked_for_is_no_answer(name: str) -> None:
    with nameserver({}) as server, pytest.raises(DnsUnavailable):
        resolver_of(server.address).texts(name)


@pytest.mark.parametrize(
    "text", ["dns.example", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:x", "[::1]", ""]
)
def test_a_resolver_is_named_by_its_address(text: str) -> None:
    with pytest.raises(OperatorError, match="GOVSEAL_DNS"):
        resolver_of(text)


def test_an_address_of_the_sixth_version_may_have_a_port() -> None:
    assert resolver_of("[::1]:5353")
    assert resolver_of("2001:db8::53")
