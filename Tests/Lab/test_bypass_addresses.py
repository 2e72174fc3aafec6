"""No way around by addresses: in every spelling, of every special range, and those of the gateway itself."""

import socket
import subprocess

import lab as module
import pytest
from bypass import EVERYBODY, QUICK, ROOTED, Field, assert_datagrams_refused
from lab import BEYOND4, BEYOND6, HOSTS, UNRESOLVED4, UNRESOLVED6, UPLINK4, UPLINK6

# 93.184.219.9, as inet_aton(3) takes it, and as IPv6 embeds it where the sender's kernel takes it apart.
SPELLINGS = [
    "93.184.219.9", "1572395785", "0135.0270.0333.011", "0x5d.0xb8.0xdb.0x9", "0x5db8db09", "013556155411", "93.12114697",
    "93.184.56073", "0x5d.0270.56073", "::ffff:93.184.219.9", "::ffff:5db8:db09", "2606:2800:220:3::9",
    "2606:2800:0220:0003:0000:0000:0000:0009", "2606:2800:220:3:0:0:0.0.0.9"]
# IPv6 that carries 93.184.219.9, 10.0.0.5 or 169.254.169.254 to a translator or a relay.
EMBEDDED = [
    "2002:5db8:db09::1", "2002:a00:5::1", "64:ff9b::5db8:db09", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:5",
    "2001:0:5db8:db09:0:0:f5ff:fffa", "2606:2800:220:3:0:5efe:a00:5", "2001:db8::1", "100::1"]
PRIVATE = [
    "10.0.0.5", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254", "169.254.1.1", "198.18.0.1",
    "192.0.2.1", "0251.0376.0251.0376", "2852039166", "fd00:ec2::254", "fc00::1", "fec0::1"]
PORTS = (22, 80, 443, 8443)
each = pytest.mark.parametrize("scope", EVERYBODY)


@pytest.fixture(scope="module")
def field(lab):
    with Field(lab) as made:
        yield made


@pytest.fixture(scope="module")
def services(field):
    """What this machine serves to everybody, on every address."""
    program = ("import socket, threading, time\n"
               "s = socket.create_server(('::', 7777), family=socket.AF_INET6, dualstack_ipv6=True, backlog=50)\n"
               "u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); u.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)\n"
               "u.bind(('::', 7777))\n"
               "def echo():\n"
               "    while True: data, who = u.recvfrom(2000); u.sendto(data, who)\n"
               "threading.Thread(target=echo, daemon=True).start()\n"
               "print('ready', flush=True)\n"
               "while True: s.accept()[0].close()\n")
    process = subprocess.Popen(["/usr/bin/python3", "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    yield 7777
    process.kill()
    process.wait()


def test_without_a_gateway_every_spelling_connects(field):
    found = field.tries("free", "dial", *[f"{spelling},443" for spelling in SPELLINGS])
    assert {outcome for outcome, _ in found.values()} == {"connected"}, found
    with field.lab.capture("ip6 dst net 2000::/3 or ip6 dst net 64:ff9b::/96") as capture:
        field.run("free", "sh", "-c", "for a in 2002:5db8:db09::1 64:ff9b::5db8:db09 2001:0:5db8:db09:0:0:f5ff:fffa; do nc -zw1 $a 443; done")
    assert len({line.split(" > ")[1].split(":443")[0] for line in capture.lines if "Flags [S]" in line}) >= 3, capture.lines


@each
def test_an_address_is_the_same_in_every_spelling(field, scope):
    with field.attempt(scope, f"host {UNRESOLVED4} or host {UNRESOLVED6}") as attempt:
        found = field.tries(scope, "dial", *[f"{spelling},443" for spelling in SPELLINGS])
    assert {outcome for outcome, _ in found.values()} == {"ECONNREFUSED"}, found
    assert all(seconds < QUICK for _, seconds in found.values())
    assert attempt.arrived == [] and attempt.reasons == ["ip.not_resolved"] * len(SPELLINGS)


@each
def test_private_metadata_and_translated_addresses_are_refused(field, scope):
    with field.attempt(scope, "not port 53") as attempt:
        found = field.tries(scope, "dial", *[f"{address},{port}" for address in PRIVATE + EMBEDDED for port in PORTS])
    assert {outcome for outcome, _ in found.values()} <= {"ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH"}, found
    assert all(seconds < QUICK for _, seconds in found.values())
    assert attempt.arrived == [] and set(attempt.reasons) <= {"ip.private", "ip.not_resolved"}
    assert len(attempt.reasons) == len([1 for outcome, _ in found.values() if outcome == "ECONNREFUSED"])


@each
def test_this_machines_own_addresses_and_services_are_refused(field, services, scope):
    """By the link's address, by the uplink's, by the other agents', and the next router."""
    own = [*field.gateway_addresses(scope), UPLINK4, UPLINK6, "10.77.1.1", "fd77:3::1", "10.77.2.2", "fd77:2::2"]
    # What is an agent's own machine is nobody else's.
    own = [address for address in own if not (scope == "veth" and address in ("10.77.2.2", "fd77:2::2"))]
    loopback = ["127.0.0.1", "127.1", "2130706433", "0.0.0.0", "0", "::1", "::", "::ffff:127.0.0.1"]
    targets = [f"{address},{services}" for address in own + loopback]
    free = field.tries("free", "dial", f"{field.gateway_addresses('free')[0]},{services}", f"{UPLINK6},{services}")
    assert {outcome for outcome, _ in free.values()} == {"connected"}
    with field.attempt(scope, "not port 53") as attempt:
        found = field.tries(scope, "dial", *targets, f"{BEYOND4},80", f"{BEYOND6},80")
        datagrams = field.tries(scope, "send", 17, *targets, patience=0.2)
    for outcome, seconds in found.values():
        assert outcome in ("ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL") and seconds < QUICK, found
    assert_datagrams_refused(datagrams)
    assert attempt.arrived == []
    assert set(attempt.reasons) <= {"ip.private", "ip.not_resolved", "ip.protocol_not_allowed"} and len(attempt.reasons) >= 8


@pytest.mark.parametrize("scope", ["interface", "bridge", "veth"])
def test_the_routers_link_local_address_is_refused(field, services, scope):
    outside = {"interface": "tap7", "bridge": "br7", "veth": "veth8", "free": "free9"}

    def router(who):
        text = module.sh("ip", "-6", "-o", "addr", "show", "dev", outside[who], "scope", "link").stdout
        return text.split()[3].split("/")[0] + "%eth0"

    assert field.tries("free", "dial", f"{router('free')},{services}").popitem()[1][0] == "connected"
    with field.attempt(scope) as attempt:
        outcome, _ = field.tries(scope, "dial", f"{router(scope)},{services}", patience=0.5).popitem()[1]
    # A refusal could take another link than the agent's, so there is none.
    assert outcome == "TimeoutError" and attempt.reasons == []


@pytest.mark.parametrize("scope", ROOTED)
def test_the_listener_cannot_be_dialled_by_the_links_address(field, scope):
    """Where the daemon takes intercepted connections; an agent's table or its own gateway's."""
    listed = module.sh("nft", "list", "set", "inet", "portcullis", "listener_ports").stdout
    ports = sorted(int(word) for word in listed.replace(",", " ").split() if word.isdigit()) + [1, 2, 15001, 15002, 8443, 40443]
    with field.attempt(scope, "not port 53") as attempt:
        found = field.tries(
            scope, "dial", *[f"{address},{port}" for address in field.gateway_addresses(scope) for port in ports], root=True)
    assert {outcome for outcome, _ in found.values()} == {"ECONNREFUSED"}, found
    assert attempt.arrived == [] and set(attempt.reasons) <= {"ip.private", "ip.not_resolved"}


@each
def test_an_allowed_address_is_good_for_its_ports_only(field, scope):
    field.resolve(scope)
    targets = [f"{address},{port}" for host in ("web.lab-origin.com", "api.lab-origin.com") for address in HOSTS[host]
               for port in (22, 25, 53, 143, 587, 853, 5222, 8080, 8443, 65535)]
    free = field.tries("free", "dial", *targets)
    # A reset of the server itself: it was reached.
    assert {outcome for outcome, _ in free.values()} == {"ECONNREFUSED"}
    with field.attempt(scope, "net 93.184.216.0/24 or net 2606:2800:220:1::/64") as attempt:
        found = field.tries(scope, "dial", *targets)
    assert {outcome for outcome, _ in found.values()} == {"ECONNREFUSED"}, found
    assert all(seconds < QUICK for _, seconds in found.values())
    assert [line for line in attempt.arrived if not any(f".{port}" in line for port in (80, 443))] == []
    assert set(attempt.reasons) == {"ip.port_not_allowed"} and len(attempt.reasons) == len(targets)


def test_the_literals_are_what_they_are_meant_to_be():
    assert {socket.inet_aton(spelling) for spelling in SPELLINGS if ":" not in spelling} == {socket.inet_aton(UNRESOLVED4)}
