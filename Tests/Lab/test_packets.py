"""The packet plane: what an agent may resolve and dial, and that nothing else leaves."""

import subprocess
import time

import lab as module
import pytest
from lab import HOSTS, PRIVATE, REBINDING, UNRESOLVED4, UNRESOLVED6, read_decisions, reasons

POLICY = """
version: 1
allow:
  - host: web.lab-origin.com
  - host: v6only.lab-origin.com
  - host: alias.lab-origin.com
  - host: many.lab-origin.com
  - host: "*.lab-evil.com"
  - address: 10.1.2.3/32
    ports: [5432]
deny:
  - host: forbidden.lab-evil.com
"""


@pytest.fixture(scope="module")
def policy(lab):
    return lab.policy(POLICY, "packets")


def dig(lab, policy, *arguments):
    return lab.jail("dig", "+tries=1", "+time=3", *arguments, policy=policy)


def test_refused_name_is_answered_at_once_with_an_extended_error(lab, policy):
    with lab.capture() as capture:
        result = dig(lab, policy, "unlisted.example.org")
    assert "status: REFUSED" in result.stdout
    assert "EDE: 15 (Blocked)" in result.stdout and "dns.name_not_allowed" in result.stdout
    assert "- host: unlisted.example.org" in result.stdout
    assert capture.lines == []
    assert reasons(result.decisions) == ["dns.name_not_allowed"]


def test_deny_rule_wins_over_a_wildcard(lab, policy):
    result = dig(lab, policy, "forbidden.lab-evil.com")
    assert "status: REFUSED" in result.stdout and reasons(result.decisions) == ["dns.name_denied"]


@pytest.mark.parametrize("server", ["192.0.0.1", "9.9.9.9", "8.8.8.8", "2001:4860:4860::8888"])
def test_every_resolver_address_is_the_gateway(lab, policy, server):
    result = dig(lab, policy, f"@{server}", "+short", "web.lab-origin.com")
    assert result.stdout.split() == [HOSTS["web.lab-origin.com"][0]]


def test_aliases_are_followed_to_addresses(lab, policy):
    result = dig(lab, policy, "+short", "alias.lab-origin.com")
    assert result.stdout.split() == [HOSTS["web.lab-origin.com"][0]]


def test_more_addresses_than_a_datagram_holds(lab, policy):
    result = dig(lab, policy, "+short", "many.lab-origin.com")
    by_library = lab.jail("getent", "ahostsv4", "many.lab-origin.com", policy=policy)
    assert len(set(result.stdout.split())) == 200 and by_library.stdout.count("STREAM") == 200


def test_the_next_resolver_is_asked_when_one_refuses(lab):
    """As the C library does. A resolver of one network may refuse the names of all others."""
    lab.inside("ip", "addr", "add", "9.9.9.11/32", "dev", "lo")
    lab.spawn("dnsmasq", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--listen-address=9.9.9.11", "--bind-interfaces",
              "--user=root", "--no-daemon", f"--pid-file={lab.folder}/refusing.pid")
    lab.wait_for_port("9.9.9.11", 53)
    text = "version: 1\nallow:\n  - host: web.lab-origin.com\ndns: { resolver: [%s] }\n"
    result = dig(lab, lab.policy(text % "9.9.9.11", "refusing"), "web.lab-origin.com")
    assert "SERVFAIL" in result.stdout and result.decisions[-1]["detail"] == "the resolver answered code 5"
    result = dig(lab, lab.policy(text % "9.9.9.11, 9.9.9.9", "refusing"), "+short", "web.lab-origin.com")
    assert result.stdout == HOSTS["web.lab-origin.com"][0] + "\n"


def test_a_cut_answer_is_asked_for_over_tcp(lab):
    lab.inside("ip", "addr", "add", "9.9.9.10/32", "dev", "lo")
    lab.spawn("/usr/bin/python3", str(module.HERE / "truncating_resolver.py"), "9.9.9.10", HOSTS["web.lab-origin.com"][0])
    lab.wait_for_port("9.9.9.10", 53)
    path = lab.policy("version: 1\nallow:\n  - host: web.lab-origin.com\ndns: { resolver: [9.9.9.10] }\n", "truncating")
    with lab.capture("tcp port 53") as capture:
        result = lab.jail("curl", "-sS4", "https://web.lab-origin.com/hello", policy=path)
    assert result.stdout == "hello from the origin\n", result.stderr
    assert capture.lines != []


def test_https_records_come_back_empty(lab, policy):
    result = dig(lab, policy, "web.lab-origin.com", "HTTPS")
    assert "status: NOERROR" in result.stdout and "ANSWER: 0" in result.stdout


@pytest.mark.parametrize("kind", ["TXT", "MX", "ANY", "NULL", "SRV", "TYPE65535"])
def test_other_record_types_are_refused(lab, policy, kind):
    with lab.capture() as capture:
        result = dig(lab, policy, "+notcp", "web.lab-origin.com", kind)
    assert "status: REFUSED" in result.stdout and reasons(result.decisions) == ["dns.type_not_allowed"]
    assert capture.lines == []


@pytest.mark.parametrize("host", sorted(REBINDING))
def test_private_addresses_are_removed_from_answers(lab, policy, host):
    result = dig(lab, policy, host)
    assert "ANSWER: 0" in result.stdout and reasons(result.decisions) == ["dns.answer_private"]
    assert REBINDING[host] not in [line.split()[-1] for line in result.stdout.splitlines() if "IN\tA" in line]


def connect(lab, policy, address, port, timeout=5):
    """Dials from the jail; returns (what happened, seconds, decisions, packets on the other side)."""
    program = (
        "import socket, sys, time\n"
        "start = time.monotonic()\n"
        f"s = socket.socket(socket.{'AF_INET6' if ':' in address else 'AF_INET'})\n"
        f"s.settimeout({timeout})\n"
        "try:\n"
        f"    s.connect(({address!r}, {port})); print('connected')\n"
        "except OSError as error: print(type(error).__name__)\n"
        "print(time.monotonic() - start)\n")
    with lab.capture() as capture:
        result = lab.jail("/usr/bin/python3", "-c", program, policy=policy)
    outcome, seconds = result.stdout.split()
    return outcome, float(seconds), reasons(result.decisions), capture.lines


@pytest.mark.parametrize("address", [UNRESOLVED4, UNRESOLVED6])
@pytest.mark.parametrize("port", [443, 80, 22, 5432, 8443, 8444])
def test_address_nobody_resolved_is_refused(lab, policy, address, port):
    outcome, seconds, codes, packets = connect(lab, policy, address, port)
    assert outcome == "ConnectionRefusedError" and codes == ["ip.not_resolved"] and packets == []


@pytest.mark.parametrize("address", [
    "10.0.0.5", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "127.0.0.2", "192.0.0.1", "0.0.0.0",
    "fd00:ec2::254", "::ffff:10.0.0.5", "64:ff9b::a00:5", "fd70:6f72:7463::1", "81.2.69.142"])
def test_private_and_gateway_addresses_are_refused(lab, policy, address):
    outcome, _, codes, packets = connect(lab, policy, address, 8443)
    assert outcome in ("ConnectionRefusedError", "OSError") and packets == []
    if address not in ("127.0.0.2", "0.0.0.0", "::ffff:10.0.0.5"):
        assert codes in (["ip.private"], ["ip.not_resolved"])


def test_the_listed_private_address_is_relayed(lab, policy):
    result = lab.jail("curl", "-sS", f"http://{PRIVATE}:5432/hello", policy=policy)
    assert result.stdout == "hello from the origin\n", result.stderr
    assert [d["subject"] for d in result.decisions] == [f"{PRIVATE}:5432"]
    outcome, _, codes, packets = connect(lab, policy, PRIVATE, 5433)
    assert outcome == "ConnectionRefusedError" and codes == ["ip.port_not_allowed"] and packets == []


def test_resolved_address_is_good_for_the_allowed_ports_only(lab, policy):
    result = lab.jail("curl", "-sS", "http://web.lab-origin.com:8080/", policy=policy)
    assert result.returncode == 7 and set(reasons(result.decisions)) == {"ip.port_not_allowed"}


SEND_UDP = """
import socket, sys
s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(3)
s.connect((sys.argv[1], int(sys.argv[2])))
s.send(b'x' * 1200)
try:
    s.recv(10); print('answered')
except OSError as error: print(type(error).__name__, error.errno)
"""


@pytest.mark.parametrize("address", [UNRESOLVED4, UNRESOLVED6, HOSTS["web.lab-origin.com"][0]])
@pytest.mark.parametrize("port", [443, 123, 853, 5353, 4789])
def test_udp_is_refused_at_once(lab, policy, address, port):
    with lab.capture() as capture:
        started = time.monotonic()
        result = lab.jail("/usr/bin/python3", "-c", SEND_UDP, address, port, policy=policy)
    assert result.stdout.split()[0] in ("OSError", "PermissionError", "ConnectionRefusedError"), result.stdout
    assert time.monotonic() - started < 3
    assert reasons(result.decisions) == ["dns.encrypted" if port == 853 else "ip.protocol_not_allowed"]
    assert capture.lines == []


@pytest.mark.parametrize("address", [UNRESOLVED4, UNRESOLVED6, "81.2.69.1", "224.0.0.1", "255.255.255.255", "ff02::1%eth0"])
def test_ping_does_not_leave(lab, policy, address):
    with lab.capture() as capture:
        result = lab.jail("ping", "-c", "1", "-W", "1", "-b" if address.startswith("255") else "-n", address, policy=policy)
    assert result.returncode != 0 and capture.lines == []


RAW = """
import socket, struct, sys
for address in ("93.184.219.9", "2606:2800:220:3::9", "93.184.216.34"):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for protocol in (132, 47, 50, 4, 41, 33, 136, 253, 1, 58):
        try:
            s = socket.socket(family, socket.SOCK_RAW, protocol)
            s.sendto(struct.pack("!BBHHH", 8 if family == socket.AF_INET else 128, 0, 0, 1, 1) + b"x" * 56, (address, 0))
        except OSError as error: print(address, protocol, error)
# A TCP segment that opens nothing, and one that opens everything at once.
for flags in (0x10, 0x02 | 0x01, 0x04, 0x12, 0x00, 0x3f):
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 6)
    s.sendto(struct.pack("!HHIIBBHHH", 4444, 443, 1, 1, 5 << 4, flags, 1024, 0, 0), ("93.184.219.9", 0))
# A source address that is not the agent's.
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 255)
header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 48, 1, 0, 64, 17, 0, socket.inet_aton("192.0.0.5"), socket.inet_aton("9.9.9.9"))
s.sendto(header + struct.pack("!HHHH", 5353, 53, 28, 0) + b"x" * 20, ("9.9.9.9", 0))
"""


def test_other_protocols_do_not_leave_even_for_root_in_the_jails_network(lab, policy):
    """The agent cannot open a raw socket; root, put into its network namespace, can, and gets no further."""
    result = lab.jail("/usr/bin/python3", "-c", RAW, policy=policy)
    assert "PermissionError" in result.stderr
    with lab.jailed("sleep", "30", policy=policy) as jail, lab.capture() as capture:
        init = ""
        while not init:
            init = subprocess.run(["pgrep", "-P", str(jail.pid)], capture_output=True, text=True).stdout.strip()
        time.sleep(0.5)
        sent = subprocess.run(
            ["nsenter", f"--net=/proc/{init}/ns/net", "/usr/bin/python3", "-c", RAW], capture_output=True, text=True)
        time.sleep(0.5)
        decisions = read_decisions(jail.decision_log)
    assert sent.returncode == 0, sent.stderr
    assert capture.lines == []
    # TCP segments that open nothing are invalid to connection tracking, which drops them before the queue.
    assert set(reasons(decisions)) == {"ip.protocol_not_allowed"}
    assert {d["subject"] for d in decisions} >= {"93.184.219.9, protocol 253", "2606:2800:220:3::9, protocol 47"}


def test_ipv6_origin(lab, policy):
    result = lab.jail("curl", "-sS", "https://v6only.lab-origin.com/hello", policy=policy)
    assert result.stdout == "hello from the origin\n", result.stderr


def test_pins_are_the_names_own(lab, policy):
    """other.lab-origin.com lives on the address that web.lab-origin.com was resolved to, but nobody allowed it."""
    result = lab.jail(
        "sh", "-c", "curl -sS https://web.lab-origin.com/hello; curl -sS --connect-to "
        f"other.lab-origin.com:443:web.lab-origin.com:443 https://other.lab-origin.com/hello", policy=policy)
    assert result.stdout.startswith("hello from the origin\n")
    assert '"reason":"tls.sni_mismatch"' in result.stdout
    assert "tls.sni_mismatch" in reasons(result.decisions)


def test_status_and_ruleset_name_the_queue(lab, policy):
    with lab.jailed("sleep", "30", policy=policy) as jail:
        for _ in range(100):
            status = subprocess.run([module.PORTCULLIS, "status", "--json"], capture_output=True, text=True).stdout
            if status:
                break
            time.sleep(0.05)
        assert '"packet_queue":"xtables NFQUEUE"' in status or '"packet_queue":"nft queue"' in status
        assert f'"pid":{jail.pid}' in status
    status = subprocess.run([module.PORTCULLIS, "status"], capture_output=True, text=True).stdout
    assert status == "nobody is guarded, and nobody is sealed\n"


def test_a_flood_of_refusals_does_not_fill_the_log(lab, policy):
    program = (
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "for n in range(20000):\n"
        "    try: s.sendto(b'x', ('93.184.219.9', 1 + n % 50))\n"
        "    except OSError: pass\n"
        "import time; time.sleep(0.5)\n"
        "s.close(); s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('93.184.219.9', 999)); time.sleep(0.3)\n")
    with lab.capture() as capture:
        result = lab.jail("/usr/bin/python3", "-c", program, policy=policy)
    assert capture.lines == [] and 100 < len(result.decisions) < 3000
    assert "recorder.flooded" in reasons(result.decisions)
