"""DNS whole: over TCP, cut answers, service bindings, tunnels, and resolvers that would be asked past the gateway."""

import contextlib
import os
import re
import subprocess
import time

import lab as module
import pytest
from lab import HOSTS, read_decisions, reasons

POLICY = """
version: 1
allow:
  - host: web.lab-origin.com
  - host: many.lab-origin.com
  - host: "*.lab-evil.com"
  - host: "*.t.lab-tunnel.com"
  - host: "*.mullvad.net"
"""
WEB4, WEB6 = HOSTS["web.lab-origin.com"]
TUNNEL_RESOLVER, TUNNEL_SERVER = "9.9.9.12", "9.9.9.20"


@pytest.fixture(scope="module")
def policy(lab):
    return lab.policy(POLICY, "dns")


def policy_with(lab, resolver, label, more=""):
    return lab.policy(POLICY + "dns: { resolver: [%s] }\n%s" % (resolver, more), label)


def address(lab, text):
    lab.inside("ip", "addr", "add", f"{text}/32", "dev", "lo", check=False)


def dig(lab, policy, *arguments):
    return lab.jail("dig", "+tries=1", "+time=3", *arguments, policy=policy)


def python(lab, policy, program, *arguments, **more):
    return lab.jail("/usr/bin/python3", "-c", PRELUDE + program, *arguments, policy=policy, **more)


# What the programs inside the jail share: DNS messages by hand.
PRELUDE = """
import random, socket, struct, sys, time

def query(name, kind=1, identifier=7):
    labels = b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\\0"
    return struct.pack("!HHHHHH", identifier, 0x100, 1, 0, 0, 0) + labels + struct.pack("!HH", kind, 1)

def framed(message): return struct.pack("!H", len(message)) + message

def exactly(s, count):
    data = b""
    while len(data) < count:
        part = s.recv(count - len(data))
        if not part: raise EOFError
        data += part
    return data

def answer(s): return exactly(s, struct.unpack("!H", exactly(s, 2))[0])

def dial(address="9.9.9.9"):
    s = socket.create_connection((address, 53), 5)
    s.settimeout(8)
    return s
"""

# DNS over TCP


@pytest.mark.parametrize("server", ["192.0.0.1", "9.9.9.9", "8.8.8.8", "2001:4860:4860::8888"])
def test_every_address_answers_over_tcp(lab, policy, server):
    with lab.capture("tcp port 53 and (dst 8.8.8.8 or dst 2001:4860:4860::8888)") as capture:
        result = dig(lab, policy, "+tcp", f"@{server}", "+short", "web.lab-origin.com")
    assert result.stdout.split() == [WEB4] and capture.lines == []


def test_refusals_over_tcp_are_those_of_datagrams(lab, policy):
    with lab.capture() as capture:
        result = dig(lab, policy, "+tcp", "unlisted.example.org")
    assert "status: REFUSED" in result.stdout and "EDE: 15 (Blocked)" in result.stdout
    assert reasons(result.decisions) == ["dns.name_not_allowed"] and capture.lines == []


def test_what_was_resolved_over_tcp_can_be_dialled(lab, policy):
    result = lab.jail(
        "sh", "-c", f"dig +tcp +short web.lab-origin.com; curl -sS --resolve web.lab-origin.com:443:{WEB4} "
        "https://web.lab-origin.com/hello", policy=policy)
    assert result.stdout == f"{WEB4}\nhello from the origin\n", result.stderr


def test_two_hundred_addresses_come_over_tcp(lab, policy):
    cut = dig(lab, policy, "+ignore", "many.lab-origin.com")
    flags = re.search(r"flags: ([^;]*);", cut.stdout).group(1).split()
    assert "tc" in flags and 60 < cut.stdout.count("93.184.221.") < 100
    plain = dig(lab, policy, "+ignore", "+noedns", "many.lab-origin.com")
    assert 20 < plain.stdout.count("93.184.221.") < 32
    # dig asks again over TCP by itself, and so does the C library.
    result = dig(lab, policy, "+short", "many.lab-origin.com")
    assert len(set(result.stdout.split())) == 200


def test_all_of_a_cut_answer_is_asked_for_once(lab, policy):
    with lab.capture("udp dst port 53") as capture:
        result = lab.jail("sh", "-c", "dig +short many.lab-origin.com; dig +tcp +short many.lab-origin.com", policy=policy)
    assert len(result.stdout.split()) == 400
    assert len(capture.lines) <= 2, capture.lines


PIPELINE = """
s = dial()
names = ["web.lab-origin.com", "unlisted.example.org", "many.lab-origin.com", "web.lab-origin.com", "a.lab-evil.com"]
data = b"".join(framed(query(name, identifier=n)) for n, name in enumerate(names))
for n in range(0, len(data), 5):
    s.send(data[n:n + 5]); time.sleep(0.002)
answers = sorted(answer(s) for _ in names)
print([(a[1], a[3] & 15, a[7]) for a in answers])
s.shutdown(socket.SHUT_WR)
print(s.recv(1))
"""


def test_pipelined_queries_in_pieces(lab, policy):
    result = python(lab, policy, PIPELINE)
    # (identifier, response code, answers): out of order is fine, nothing is missing.
    assert result.stdout == "[(0, 0, 1), (1, 5, 0), (2, 0, 200), (3, 0, 1), (4, 3, 0)]\nb''\n", result.stdout + result.stderr


BROKEN = """
def said(data):
    s = dial()
    s.sendall(data)
    try:
        message = answer(s)
        rest = s.recv(100)
        return message[:4].hex(), rest
    except (EOFError, ConnectionError) as error: return type(error).__name__
print(said(b"\\xff\\xff\\x12\\x34" + b"x" * 100))
print(said(b"\\x00\\x05\\x12\\x34\\x00\\x00\\x00"))
print(said(b"\\x00\\x00"))
print(said(framed(query("web.lab-origin.com") + b"trailing")))
print(said(framed(query("a b.lab-origin.com"))))
print(said(framed(b"\\x00\\x07\\x81\\x80" + b"\\0" * 8)))
print(said(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"))
"""


def test_malformed_messages_end_the_connection(lab, policy):
    with lab.capture() as capture:
        result = python(lab, policy, BROKEN)
    assert result.stdout.splitlines() == [
        "('12348081', b'')", "('12348081', b'')", "EOFError", "('00078081', b'')", "('00078081', b'')", "EOFError",
        "('54208081', b'')",
    ], result.stdout + result.stderr
    assert set(reasons(result.decisions)) == {"dns.malformed"} and capture.lines == []


LIMITS = """
s = dial()
s.sendall(b"".join(framed(query("n%d.lab-evil.com" % (n % 20), identifier=n)) for n in range(400)))
count = 0
try:
    while True: answer(s); count += 1
except (EOFError, ConnectionError): print("ended", count < 400)
held = []
refused = 0
for _ in range(400):
    try:
        c = dial(); c.sendall(framed(query("unlisted.example.org"))); answer(c); held.append(c)
    except (EOFError, OSError): refused += 1
print("held", len(held), "refused", refused > 0)
for c in held: c.close()
time.sleep(0.3)
s = dial(); s.sendall(framed(query("web.lab-origin.com"))); print(answer(s)[7])
s = dial(); s.send(b"\\0"); started = time.monotonic(); s.settimeout(30)
try: print(s.recv(1), 10 < time.monotonic() - started < 20)
except ConnectionError as error: print(error)
"""


def test_limits_end_connections_and_nothing_else(lab, policy):
    silent = "9.9.9.30"
    address(lab, silent)
    lab.spawn("/usr/bin/python3", "-c",
              "import socket, time\n"
              f"s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('{silent}', 53)); time.sleep(1e6)")
    lines = python(lab, policy, LIMITS, timeout=90).stdout.splitlines()
    held = int(lines[1].split()[1])
    assert 60 <= held < 300 and lines[1].endswith("refused True"), lines
    assert lines[2:] == ["1", "b'' True"], lines
    result = python(lab, policy_with(lab, silent, "silent"), LIMITS.split("held = []")[0], timeout=90)
    assert result.stdout == "ended True\n" and "dns.too_many_queries" in reasons(result.decisions)


# The cache


def test_a_repeated_question_is_asked_once_outside(lab, policy):
    program = "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3)\n" \
        "for n in range(50):\n    s.sendto(query('web.lab-origin.com', 1, n), ('9.9.9.9', 53)); assert s.recv(4096)[7] == 1\n" \
        "print('answered')\n"
    with lab.capture("udp dst port 53") as capture:
        result = python(lab, policy, program)
    assert result.stdout == "answered\n", result.stderr
    assert len(capture.lines) == 1
    assert len([d for d in result.decisions if d["stage"] == "dns"]) == 50


# HTTPS records


def test_https_records_are_rebuilt(lab):
    resolver = "9.9.9.13"
    address(lab, resolver)
    server = lab.spawn("/usr/bin/python3", str(module.HERE / "service_resolver.py"), resolver, WEB4)
    try:
        time.sleep(0.5)
        path = policy_with(lab, resolver, "services")
        result = dig(lab, path, "+short", "web.lab-origin.com", "HTTPS")
        assert sorted(result.stdout.splitlines()) == [f'1 . alpn="h2" ipv4hint={WEB4}', '2 . alpn="h2"'], result.stdout
        over_tcp = dig(lab, path, "+tcp", "+short", "web.lab-origin.com", "HTTPS")
        assert sorted(over_tcp.stdout.splitlines()) == sorted(result.stdout.splitlines())
        # The hint is as good as an answer for the name, and the name's rule decides on ports.
        dialled = lab.jail(
            "sh", "-c", "dig +short web.lab-origin.com HTTPS >&2; "
            f"curl -sS --resolve web.lab-origin.com:443:{WEB4} https://web.lab-origin.com/hello", policy=path)
        assert dialled.stdout == "hello from the origin\n", dialled.stderr
        refused = dig(lab, path, "unlisted.example.org", "HTTPS")
        assert reasons(refused.decisions) == ["dns.name_not_allowed"]
    finally:
        server.kill()


# Tunnels

IMITATION = """
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3)
codes = []
length, total = int(sys.argv[1]), int(sys.argv[2])
for n in range(total):
    label = "".join(random.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(length))
    s.sendto(query(label + ".t.lab-tunnel.com", 1, n), ("9.9.9.9", 53))
    codes.append(s.recv(4096)[3] & 15)
print(codes.index(5), set(codes[codes.index(5):]))
"""


@pytest.mark.parametrize("length, allowed, reason", [(12, 60, "dns.budget_exceeded"), (50, 9, "dns.tunnel_suspected")])
def test_a_tunnel_is_stopped_and_the_other_side_sees_no_more(lab, policy, length, allowed, reason):
    with lab.capture("udp dst port 53") as capture:
        result = python(lab, policy, IMITATION, length, 300)
    assert result.stdout == f"{allowed} {{5}}\n", result.stdout + result.stderr
    assert len(capture.lines) == allowed
    denied = [d for d in result.decisions if d.get("reason") == reason]
    assert denied and "lab-tunnel.com: " in denied[0]["detail"] and "refused for 300 s" in denied[0]["detail"]


def test_the_rest_of_the_world_goes_on(lab, policy):
    result = lab.jail(
        "/usr/bin/python3", "-c", PRELUDE + IMITATION + "import os\nos.execvp('curl', ['curl', '-sS', 'https://web.lab-origin.com/hello'])",
        "12", "100", policy=policy)
    assert result.stdout.endswith("hello from the origin\n"), result.stderr


def test_budgets_of_the_policy(lab):
    path = lab.policy(POLICY + "budgets: { dns_unique_names_per_minute: 5 }\n", "budget")
    result = python(lab, path, IMITATION, 12, 20)
    assert result.stdout == "5 {5}\n"
    observing = lab.policy("mode: observe" + POLICY + "budgets: { dns_unique_names_per_minute: 5 }\n", "observed")
    program = IMITATION.replace("print(codes.index(5), set(codes[codes.index(5):]))", "print(set(codes))")
    result = python(lab, observing, program, 12, 20)
    assert result.stdout == "{3}\n"
    assert "dns.budget_exceeded" in [d.get("reason") for d in result.decisions if d["action"] == "observe"]


@contextlib.contextmanager
def iodined(lab):
    """A tunnel server with its delegated zone; yields its log."""
    for text in (TUNNEL_RESOLVER, TUNNEL_SERVER):
        address(lab, text)
    log = lab.folder / f"iodined-{time.monotonic_ns()}.txt"
    server = subprocess.Popen(
        ["nsenter", f"--net=/proc/{lab.internet}/ns/net", "iodined", "-f", "-D", "-c", "-P", "secret", "-l", TUNNEL_SERVER,
         "10.77.0.1/24", "t.lab-tunnel.com"], stdin=subprocess.DEVNULL, stdout=open(log, "wb"), stderr=subprocess.STDOUT)
    resolver = lab.spawn(
        "dnsmasq", "--no-resolv", "--no-hosts", f"--listen-address={TUNNEL_RESOLVER}", "--bind-interfaces", "--user=root",
        "--no-daemon", "--cache-size=0", f"--server=/t.lab-tunnel.com/{TUNNEL_SERVER}", f"--pid-file={lab.folder}/tunnel.pid")
    lab.wait_for_port(TUNNEL_RESOLVER, 53)
    try:
        time.sleep(0.5)
        assert server.poll() is None, log.read_text()
        yield log
    finally:
        resolver.kill()
        server.kill()
        server.wait()


@contextlib.contextmanager
def iodine(*arguments, enter=(), seconds):
    """A tunnel client; the body runs once it has a tunnel or has given up, or after so many seconds."""

    class Client:
        text = ""
        has_tunnel = False

    client = Client()
    process = subprocess.Popen(
        [*enter, "iodine", "-f", "-r", "-P", "secret", *arguments, TUNNEL_RESOLVER, "t.lab-tunnel.com"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = b""
    os.set_blocking(process.stdout.fileno(), False)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None and b"Connection setup complete" not in output:
        output += process.stdout.read() or b""
        time.sleep(0.05)
    output += process.stdout.read() or b""
    client.text = output.decode(errors="replace")
    client.has_tunnel = "Connection setup complete" in client.text
    try:
        yield client
    finally:
        process.kill()
        process.wait()


def test_iodine_works_without_the_gateway(lab):
    """The control: the same client, server and zone, from a host that nothing guards."""
    with iodined(lab), iodine(seconds=60) as client:
        assert client.has_tunnel, client.text
        ping = subprocess.run(["ping", "-c", "3", "-W", "5", "10.77.0.1"], capture_output=True, text=True)
        assert ping.returncode == 0, ping.stdout


@pytest.mark.parametrize("kind", ["", "NULL", "TXT", "CNAME", "A"])
def test_iodine_gets_no_tunnel(lab, kind):
    """The client has root in the jail's network namespace, and may make a tun device: more than any agent has."""
    path = policy_with(lab, TUNNEL_RESOLVER, "iodine")
    with iodined(lab) as log, lab.jailed("sleep", "300", policy=path) as jail, lab.capture("udp dst port 53") as capture:
        init = ""
        while not init:
            init = subprocess.run(["pgrep", "-P", str(jail.pid)], capture_output=True, text=True).stdout.strip()
        time.sleep(0.5)
        with iodine(*(["-T", kind] if kind else []), enter=["nsenter", f"--net=/proc/{init}/ns/net"], seconds=30) as client:
            assert not client.has_tunnel, client.text
            decisions = read_decisions(jail.decision_log)
            ping = subprocess.run(
                ["nsenter", f"--net=/proc/{init}/ns/net", "ping", "-c", "1", "-W", "2", "10.77.0.1"], capture_output=True, text=True)
            assert ping.returncode != 0
        said = log.read_text(errors="replace")
    questions = [line for line in capture.lines if "lab-tunnel" in line]
    # No more than the zone's budget of new names, and nothing of it answered with anything but addresses.
    assert len(questions) <= 60, len(questions)
    # The handshake's first step (the version, in a name) may arrive; the login never does.
    assert "login" not in said.lower(), said
    if not kind:
        # Its search for a type that passes gives it away.
        assert "dns.tunnel_suspected" in reasons(decisions)
    if kind in ("NULL", "TXT", "CNAME"):
        assert questions == []
        assert set(reasons(decisions)) <= {"dns.type_not_allowed", "dns.tunnel_suspected"}


# Resolvers past the gateway


@pytest.mark.parametrize("server", ["9.9.9.9", "1.1.1.1", WEB4])
def test_dns_over_tls_is_refused_by_name(lab, policy, server):
    with lab.capture("tcp port 853") as capture:
        result = lab.jail("sh", "-c", f"dig +short web.lab-origin.com; dig +tls +tries=1 +time=3 @{server} web.lab-origin.com", policy=policy)
    assert "connection refused" in result.stdout and capture.lines == []
    denied = [d for d in result.decisions if d["action"] == "deny"]
    assert {d["reason"] for d in denied} == {"dns.encrypted"}
    line = "- { host: web.lab-origin.com, ports: [853], inspect: sni }" if server == WEB4 else f"- {{ address: {server}/32, ports: [853] }}"
    assert denied[0]["allow_with"] == line


@pytest.mark.parametrize("port", [853, 784, 8853])
def test_dns_over_quic_is_refused_by_name(lab, policy, port):
    program = "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('9.9.9.9', int(sys.argv[1]))); s.settimeout(3)\n" \
        "s.send(b'x' * 1200)\ntry: s.recv(1)\nexcept OSError as error: print(error)\n"
    with lab.capture() as capture:
        result = python(lab, policy, program, port)
    assert reasons(result.decisions) == ["dns.encrypted"] and capture.lines == [], result.stdout


def test_known_resolvers_are_not_resolved_below_a_wildcard(lab, policy):
    with lab.capture() as capture:
        result = lab.jail("curl", "-sS", "--doh-url", "https://dns.mullvad.net/dns-query", "https://web.lab-origin.com/hello", policy=policy)
    assert result.returncode != 0 and "dns.encrypted" in reasons(result.decisions) and capture.lines == []
    answer = dig(lab, policy, "dns.mullvad.net")
    assert "status: REFUSED" in answer.stdout and "- host: dns.mullvad.net" in answer.stdout


def test_dns_inside_https_is_refused_by_what_it_says(lab, policy):
    query = "AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB"
    seen = lab.seen.read_text()
    for arguments in (
            ["-H", "Accept: application/dns-message", "https://web.lab-origin.com/x"],
            ["-H", "Content-Type: application/dns-message", "--data", "x", "https://web.lab-origin.com/x"],
            [f"https://web.lab-origin.com/dns-query?dns={query}"], [f"https://web.lab-origin.com/other?a=1&dns={query}"]):
        result = lab.jail("curl", "-sS", "-w", "%{http_code}", *arguments, policy=policy)
        assert result.stdout.endswith("403") and '"reason":"dns.encrypted"' in result.stdout, result.stdout
    by_dig = dig(lab, policy, "+https", "@web.lab-origin.com", "web.lab-origin.com")
    assert "status: NOERROR" not in by_dig.stdout
    assert lab.seen.read_text() == seen
    assert lab.jail("curl", "-sS", "https://web.lab-origin.com/hello", policy=policy).stdout == "hello from the origin\n"
