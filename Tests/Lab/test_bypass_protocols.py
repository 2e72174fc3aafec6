"""No way around by protocols: what is neither TCP nor DNS, from sockets, from raw packets, and from frames on the link."""

import pytest
from bypass import EVERYBODY, FORWARDED, QUICK, ROOTED, Field, assert_datagrams_refused
from lab import HOSTS, UNRESOLVED4, UNRESOLVED6

each = pytest.mark.parametrize("scope", EVERYBODY)
rooted = pytest.mark.parametrize("scope", ROOTED)
# ICMP, IGMP, IPIP, IPv6 in IPv4, DCCP, RSVP, GRE, ESP, AH, EIGRP, L2TP, SCTP, UDP-Lite, MPLS, and a number for experiments.
PROTOCOLS = [1, 2, 4, 41, 33, 46, 47, 50, 51, 88, 115, 132, 136, 137, 253]
PROTOCOLS6 = [4, 41, 33, 46, 47, 50, 51, 58, 115, 132, 136, 253]
WEB4, WEB6 = HOSTS["web.lab-origin.com"]
API4, API6 = HOSTS["api.lab-origin.com"]


@pytest.fixture(scope="module")
def field(lab):
    with Field(lab) as made:
        for scope in EVERYBODY:
            made.resolve(scope)
        yield made


def test_without_a_gateway_protocols_leave(field):
    with field.lab.capture(f"dst host {UNRESOLVED4} or dst host {UNRESOLVED6}") as capture:
        field.tries("free", "raw", UNRESOLVED4, *PROTOCOLS, root=True)
        field.tries("free", "raw", UNRESOLVED6, *PROTOCOLS6, root=True)
        assert field.run("free", "ping", "-c1", "-W2", UNRESOLVED4).returncode == 0
        field.tries("free", "send", 17, f"{UNRESOLVED4},9999", patience=0.1)
    # The host's translation of addresses keeps some to itself.
    assert len(capture.lines) > len(PROTOCOLS + PROTOCOLS6) - 4
    with field.lab.capture(f"host {UNRESOLVED4} and tcp") as capture:
        assert field.tries("free", "mptcp", f"{UNRESOLVED4},443").popitem()[1][0] == "connected"
        field.tries("free", "fastopen", f"{UNRESOLVED4},443")
    assert "mptcp" in "".join(capture.lines) and "tfo" in "".join(capture.lines)


@each
def test_echo_requests_are_refused(field, scope):
    addresses = [UNRESOLVED4, UNRESOLVED6, WEB4, API4, API6]
    with field.attempt(scope, "icmp[0] == 8 or icmp6[0] == 128 or host 93.184.219.9") as attempt:
        result = field.run(scope, "sh", "-c", 'for a; do ping -c1 -W1 -p 5345435245540a -s 1000 "$a" >/dev/null && echo "$a" & done; wait',
                           "sh", *addresses)
    assert result.stdout == "" and result.seconds < QUICK
    assert attempt.arrived == [] and attempt.reasons == ["ip.protocol_not_allowed"] * len(addresses)


@each
def test_datagrams_are_refused_wherever_they_go(field, scope):
    targets = [f"{address},{port}" for address in (UNRESOLVED4, UNRESOLVED6, WEB4, API4, API6, "10.1.2.3")
               for port in (1, 123, 443, 500, 4500, 51820, 65535)]
    # What goes to an uninspected host by 443 is read as QUIC, where the kernel may forward it.
    with field.attempt(scope, "udp and not port 53") as attempt:
        found = field.tries(scope, "send", 17, *targets, patience=0.05)
    assert_datagrams_refused(found)
    assert attempt.arrived == [] and len(attempt.reasons) == len(targets)
    assert set(attempt.reasons) <= {"ip.protocol_not_allowed", "quic.malformed", "quic.version"}, attempt.reasons


@each
def test_multipath_and_fast_open_carry_nothing_out(field, scope):
    targets = [f"{address},443" for address in (UNRESOLVED4, UNRESOLVED6)]
    with field.attempt(scope, f"host {UNRESOLVED4} or host {UNRESOLVED6}") as attempt:
        found = field.tries(scope, "mptcp", *targets)
        field.tries(scope, "fastopen", *targets)
    assert {outcome for outcome, _ in found.values()} == {"ECONNREFUSED"} and attempt.arrived == []
    assert attempt.reasons == ["ip.not_resolved"] * 4


@rooted
def test_ip_protocols_of_root_are_refused(field, scope):
    with field.attempt(scope, "not port 53") as attempt:
        for address, protocols in ((UNRESOLVED4, PROTOCOLS), (WEB4, PROTOCOLS), (UNRESOLVED6, PROTOCOLS6), (API6, PROTOCOLS6)):
            found = field.tries(scope, "raw", address, *protocols, root=True)
            assert {outcome for outcome, _ in found.values()} == {"sent"}
    assert attempt.arrived == []
    # What connection tracking holds to be broken is dropped before anybody is asked.
    assert {reason for reason in attempt.reasons} <= {"ip.protocol_not_allowed", "ip.malformed"}
    asked = {decision["subject"] for decision in attempt.decisions}
    assert asked >= {f"{UNRESOLVED4}, protocol 47", f"{WEB4}, protocol 253", f"{UNRESOLVED6}, protocol 253", f"{API6}, protocol 47"}


@rooted
def test_what_hping3_makes_does_not_leave(field, scope):
    """To an address nobody resolved, and to an allowed one on a port that is not: with data, from port 53."""
    lines = [f"hping3 -q -n -c 2 -i u1000 -d 64 {what} {'' if what in ('-1', '-0') else '-p 4444 -s 53'} {address} &"
             for address in (UNRESOLVED4, WEB4) for what in ("-1", "-2", "-S", "-A", "-F", "-SF", "-SA", "-FPU", "-R", "-0")]
    with field.attempt(scope, f"(host {UNRESOLVED4} or host {WEB4}) and not (tcp port 443 or tcp port 80)") as attempt:
        field.run(scope, "sh", "-c", " ".join(lines) + " wait", root=True)
    assert attempt.arrived == []
    # A packet of protocol 0 may not be one.
    assert set(attempt.reasons) - {"ip.malformed"} == {"ip.protocol_not_allowed", "ip.not_resolved", "ip.port_not_allowed"}


def test_without_a_gateway_what_hping3_makes_leaves(field):
    for what in ("-1", "-2", "-S"):
        with field.lab.capture(f"dst host {UNRESOLVED4}") as capture:
            field.run("free", "hping3", "-q", "-n", "-c", "2", "-i", "u1000", "-d", "64", what,
                      *([] if what == "-1" else ["-p", "4444", "-s", "53"]), UNRESOLVED4, root=True)
        assert len(capture.lines) >= 2, what


@rooted
@pytest.mark.parametrize("family", [0, 1])
def test_frames_by_a_packet_socket_do_not_leave(field, scope, family):
    """Tagged, to everybody, to another machine's hardware address, in other families; from addresses of others."""
    secret = ("host 93.184.219.9 or host 2606:2800:220:3::9 or ether proto 0x8847 or vlan or ether[12:2] == 0x88b5")
    if scope == "interface":
        with field.lab.capture(secret) as control:
            assert field.tries("free", "frames", *place(field, "free", family), root=True, program="raw_packets.py")
        assert control.lines != []
    with field.attempt(scope, secret) as attempt:
        found = field.tries(scope, "frames", *place(field, scope, family), root=True, program="raw_packets.py")
    assert {outcome for outcome, _ in found.values()} == {"sent"} and len(found) > 8
    assert attempt.arrived == [], attempt.arrived
    assert set(attempt.reasons) <= {"ip.protocol_not_allowed", "ip.not_resolved", "ip.malformed"} and attempt.reasons


@rooted
@pytest.mark.parametrize("family", [0, 1])
def test_sender_given_routes_and_chains_of_headers_are_refused(field, scope, family):
    """Towards an uninspected host: a router or a host that obeys would take the packet to the address named last."""
    destination = (API4, API6)[family]
    if scope == "interface":
        with field.lab.capture(f"dst host {destination}") as control:
            field.resolve("free")
            field.tries("free", "routes", *place(field, "free", family), destination, root=True, program="raw_packets.py")
        assert (len(control.lines) >= 2) and (family == 0 or "RT6" in "".join(control.lines))
    with field.attempt(scope, "ip6[6] == 43 or (ip[0] & 15 > 5 and (ip[20] == 131 or ip[20] == 137))") as attempt:
        found = field.tries(scope, "routes", *place(field, scope, family), destination, root=True, program="raw_packets.py")
    assert {outcome for outcome, _ in found.values()} == {"sent"}
    assert attempt.arrived == [] and (family == 0 or "ip.malformed" in attempt.reasons)


@pytest.mark.parametrize("scope", ["interface", "bridge", "veth"])
def test_errors_about_an_intercepted_flow_carry_nothing_out(field, scope):
    """An ICMP error belongs to the flow that it quotes, and goes where the flow goes; behind the quote may be anything."""
    with field.attempt(scope, "icmp") as attempt:
        found = field.tries(scope, "errors", *place(field, scope, 0), WEB4, root=True, program="raw_packets.py")
    assert {outcome for outcome, _ in found.values()} == {"sent"}, found
    assert attempt.arrived == []


def place(field, scope, family):
    """The agent's link, its address, and an unlisted destination."""
    text = field.run(scope, "ip", "-o", "link", "show", root=True).stdout
    link = [line.split(": ")[1].split("@")[0] for line in text.splitlines() if ": lo:" not in line][0]
    flag = ("-4", "-6")[family]
    found = field.run(scope, "ip", flag, "-o", "addr", "show", "dev", link, "scope", "global", root=True).stdout
    return link, found.split()[3].split("/")[0], field.gateway_addresses(scope)[family], (UNRESOLVED4, UNRESOLVED6)[family]


assert set(ROOTED) - set(FORWARDED) == {"cable", "jail"}
