"""No way around by names: other resolvers, other ports for them, multicast, and DNS over HTTPS."""

import subprocess
import time

import lab as module
import pytest
from bypass import EVERYBODY, QUICK, Field, assert_datagrams_refused, url_host
from lab import HOSTS, RESOLVER, UNRESOLVED4, UNRESOLVED6

RESOLVERS = [RESOLVER, "8.8.8.8", UNRESOLVED4, "2001:4860:4860::8888", UNRESOLVED6]
DOH_ADDRESSES = [*HOSTS["web.lab-origin.com"], *HOSTS["api.lab-origin.com"]]
MULTICAST = ["224.0.0.251,5353", "224.0.0.252,5355", "239.255.255.250,1900"]
each = pytest.mark.parametrize("scope", EVERYBODY)


@pytest.fixture(scope="module")
def field(lab):
    with Field(lab) as made:
        yield made


def test_without_a_gateway_resolvers_are_asked(field):
    for resolver in RESOLVERS:
        with field.lab.capture(f"udp port 53 and dst host {resolver}") as capture:
            field.run("free", "dig", "+tries=1", "+time=1", f"@{resolver}", "secret.example.org")
        assert "secret.example.org" in "".join(capture.lines), resolver


@each
def test_whatever_resolver_is_asked_the_gateway_answers(field, scope):
    for resolver in RESOLVERS:
        with field.attempt(scope, "port 53") as attempt:
            result = field.run(scope, "dig", "+tries=1", "+time=5", f"@{resolver}", "secret.example.org")
        assert "status: REFUSED" in result.stdout and result.seconds < QUICK, result.stdout
        assert attempt.arrived == [] and attempt.reasons == ["dns.name_not_allowed"]


@each
def test_an_allowed_name_asked_of_another_resolver_does_not_reach_that_one(field, scope):
    for resolver in ("8.8.8.8", UNRESOLVED6):
        with field.attempt(scope, f"host {resolver}") as attempt:
            result = field.run(scope, "dig", "+tries=1", "+short", f"@{resolver}", "web.lab-origin.com")
        assert result.stdout.split() == [HOSTS["web.lab-origin.com"][0]] and attempt.arrived == []


@each
def test_resolvers_on_other_ports_are_refused(field, scope):
    targets = [f"{address},{port}" for address in (RESOLVER, "8.8.8.8", UNRESOLVED6) for port in (5353, 853, 5355, 443)]
    with field.attempt(scope, f"host {RESOLVER} or host 8.8.8.8 or host {UNRESOLVED6}") as attempt:
        datagrams = field.tries(scope, "send", 17, *targets, patience=0.2)
        connections = field.tries(scope, "dial", *targets)
    assert attempt.arrived == []
    assert_datagrams_refused(datagrams)
    assert {outcome for outcome, _ in connections.values()} == {"ECONNREFUSED"}
    assert all(seconds < QUICK for _, seconds in connections.values())
    assert set(attempt.reasons) == {"ip.protocol_not_allowed", "ip.not_resolved"}
    assert len(attempt.reasons) == 2 * len(targets)


@pytest.mark.parametrize("scope", ["user", "cgroup"])
def test_multicast_names_do_not_leave_a_user_of_this_machine(field, scope):
    with field.lab.capture("dst net 224.0.0.0/4 and udp") as unguarded:
        module.sh("/usr/bin/python3", str(module.HERE / "attempts.py"), "send", "17", *MULTICAST, env={"PATIENCE": "0.1"})
    assert len(unguarded.lines) == len(MULTICAST)
    with field.attempt(scope, "udp and not port 53") as attempt:
        found = field.tries(scope, "send", 17, *MULTICAST, "ff02::fb%uplink0,5353", "ff02::1:3%uplink0,5355", patience=0.1)
    # Nobody is told of a refusal of multicast (RFC 1122 section 3.2.2).
    assert attempt.arrived == [] and attempt.reasons == ["ip.protocol_not_allowed"] * len(found)


@pytest.mark.parametrize("scope", ["interface", "bridge", "veth"])
def test_multicast_names_do_not_reach_this_machines_responder(field, scope):
    """As avahi listens: in the groups, on every link."""
    links = {"free": "free9", "interface": "tap7", "bridge": "br7", "veth": "veth8"}
    listen = ("import socket, sys\n"
              "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
              "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
              "s.bind(('224.0.0.251', 5353))\n"
              "s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('224.0.0.251') + socket.inet_aton(sys.argv[1]))\n"
              "print('ready', flush=True)\n"
              "s.settimeout(float(sys.argv[2]))\n"
              "try: print(len(s.recv(2000)))\n"
              "except TimeoutError: print('nothing')\n")
    for who in ("free", scope):
        assert links[who]
        listener = subprocess.Popen(
            ["/usr/bin/python3", "-c", listen, field.gateway_addresses(who)[0], "4" if who == "free" else "0.5"],
            stdout=subprocess.PIPE, text=True)
        assert listener.stdout.readline() == "ready\n"
        field.run(who, "/usr/bin/python3", "-c",
                  "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                  "s.sendto(b'portcullis-secret', ('224.0.0.251', 5353))")
        assert listener.communicate()[0] == ("17\n" if who == "free" else "nothing\n"), who


@each
def test_dns_over_https_at_an_allowed_address_is_refused_by_its_name(field, scope):
    """A resolver on the same content network as an allowed host."""
    field.resolve(scope)
    before = len(field.lab.seen.read_text())
    with field.attempt(scope, "port 443 and (tcp[tcpflags] & tcp-push != 0 or ip6[53] & 8 != 0)") as watched:
        for address in DOH_ADDRESSES:
            with field.decided(scope) as attempt:
                result = field.run(scope, *question(address, "dns-query"))
                time.sleep(0.01)
            assert result.seconds < QUICK and "tls.sni_mismatch" in attempt.reasons
    assert watched.arrived == [] and len(field.lab.seen.read_text()) == before


def test_without_a_gateway_dns_over_https_is_answered_there(field):
    for address in DOH_ADDRESSES:
        assert '"path"' in field.run("free", *question(address, "echo")).stdout


def question(address, path):
    host = "dns.example.net"
    return ["curl", "-sSk", "-m", "8", "--resolve", f"{host}:443:{url_host(address)}",
            f"https://{host}/{path}?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB"]
