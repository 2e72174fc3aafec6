"""No way around by tunnels: real ones, with their own servers on the other side, and clear-text protocols at allowed addresses."""

import contextlib
import subprocess
import time

import pytest
from bypass import ENVIRONMENT, EVERYBODY, QUICK, ROOTED, Field
from lab import HOSTS, UNRESOLVED4

each = pytest.mark.parametrize("scope", EVERYBODY)
WEB4, API4 = HOSTS["web.lab-origin.com"][0], HOSTS["api.lab-origin.com"][0]
SECRET = "portcullis-secret"


@pytest.fixture(scope="module")
def field(lab):
    with Field(lab) as made:
        for scope in EVERYBODY:
            made.resolve(scope)
        yield made


def banner(lab, address, port):
    """A server that speaks first, and keeps what it is told."""
    heard = lab.folder / f"heard-{address}-{port}"
    program = ("import socket, sys, threading\n"
               "def serve(s):\n"
               "    s.sendall(b'220 ready\\r\\n')\n"
               "    while data := s.recv(4000): open(sys.argv[3], 'ab').write(data); s.sendall(b'250 ok\\r\\n')\n"
               "l = socket.create_server((sys.argv[1], int(sys.argv[2])))\n"
               "while True: threading.Thread(target=serve, args=(l.accept()[0],), daemon=True).start()\n")
    lab.spawn("/usr/bin/python3", "-c", program, address, str(port), str(heard))
    lab.wait_for_port(address, port)
    return heard


@pytest.fixture(scope="module")
def servers(field):
    return {(address, port): banner(field.lab, address, port)
            for address in (WEB4, API4) for port in (22, 25, 587, 143, 5222)}


def test_without_a_gateway_clear_text_protocols_connect(field, servers):
    for (address, port), heard in servers.items():
        field.tries("free", "say", 1, f"{address},{port}", SECRET)
        assert SECRET in heard.read_text()
        heard.write_text("")


@each
def test_ports_that_turn_to_tls_later_are_refused(field, servers, scope):
    with field.attempt(scope, f"(host {WEB4} or host {API4}) and not (port 443 or port 80)") as attempt:
        found = field.tries(scope, "say", 3, f"{WEB4},22", SECRET)
        for address, port in servers:
            found |= field.tries(scope, "say", 3, f"{address},{port}", "STARTTLS\\r\\n" + SECRET)
        ssh = field.run(scope, "ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-o", "StrictHostKeyChecking=no", "-F", "none", f"x@{WEB4}")
    assert {outcome for outcome, _ in found.values()} == {"ECONNREFUSED"} and all(seconds < QUICK for _, seconds in found.values())
    assert ssh.returncode == 255 and ssh.seconds < QUICK
    assert attempt.arrived == [] and set(attempt.reasons) == {"ip.port_not_allowed"}


@each
def test_ssh_on_the_https_port_of_an_allowed_address_is_refused(field, scope):
    for address in (WEB4, API4):
        with field.attempt(scope, f"dst host {address} and tcp[tcpflags] & tcp-push != 0") as attempt:
            result = field.run(scope, "ssh", "-p", "443", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-F", "none", f"x@{address}")
        assert result.returncode == 255 and result.seconds < QUICK, result.stderr
        assert attempt.arrived == [] and attempt.reasons == ["flow.protocol_unknown"]


HOSTS_TRIED = {
    "header": ("GET /echo HTTP/1.1\\r\\nHost: evil.example.org\\r\\n\\r\\n", {"http.host_mismatch"}),
    "absolute form": ("GET http://evil.example.org/echo HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\n\\r\\n", {"http.host_mismatch", "http.malformed"}),
    "absolute form, both": ("GET http://evil.example.org/echo HTTP/1.1\\r\\nHost: evil.example.org\\r\\n\\r\\n", {"http.host_mismatch", "http.malformed"}),
    "two": ("GET /echo HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\nHost: evil.example.org\\r\\n\\r\\n", {"http.malformed"}),
    "none": ("GET /echo HTTP/1.1\\r\\n\\r\\n", {"http.malformed"}),
    "folded": ("GET /echo HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\n Host: evil.example.org\\r\\n\\r\\n", {"http.malformed"}),
    "blank before the colon": ("GET /echo HTTP/1.1\\r\\nHost : evil.example.org\\r\\nHost: web.lab-origin.com\\r\\n\\r\\n", {"http.malformed"}),
    "connect": ("CONNECT evil.example.org:443 HTTP/1.1\\r\\nHost: evil.example.org:443\\r\\n\\r\\n",
                {"http.host_mismatch", "http.method_not_allowed", "http.malformed", "http.upgrade_refused"}),
    "a port": ("GET /echo HTTP/1.1\\r\\nHost: web.lab-origin.com:8080\\r\\n\\r\\n", {"http.host_mismatch"}),
    "a user": ("GET /echo HTTP/1.1\\r\\nHost: web.lab-origin.com@evil.example.org\\r\\n\\r\\n", {"http.malformed", "http.host_mismatch"}),
}


def test_without_a_gateway_any_host_is_answered(field):
    for what in ("header", "absolute form", "two"):
        assert "200" in field.tries("free", "say", 3, f"{WEB4},80", HOSTS_TRIED[what][0])[f"{WEB4},80"][0], what


@each
def test_plain_http_with_another_host_is_refused(field, scope):
    before = len(field.lab.seen.read_text())
    with field.attempt(scope, "port 80 and tcp[tcpflags] & tcp-push != 0") as watched:
        for what, (text, codes) in HOSTS_TRIED.items():
            with field.decided(scope) as attempt:
                outcome, seconds = field.tries(scope, "say", 4, f"{WEB4},80", text)[f"{WEB4},80"]
                time.sleep(0.01)
            assert outcome.startswith(("HTTP/1.1 4", "HTTP/1.1 501")) and seconds < QUICK, (what, outcome)
            assert set(attempt.reasons) & codes, (what, attempt.reasons)
    assert watched.arrived == [] and len(field.lab.seen.read_text()) == before


@each
def test_stunnel_to_an_inspected_host_carries_no_other_protocol(field, scope):
    """TLS with the right name, and mail within: what is decrypted has to be HTTP."""
    before = len(field.lab.seen.read_text())
    with stunnel(field, scope, "web.lab-origin.com") as connection:
        with field.attempt(scope) as attempt:
            connection(f"SSH-2.0-{SECRET}\r\n\r\n")
    # The gateway has shaken hands with the origin by then; nothing follows.
    assert set(attempt.reasons) & {"flow.protocol_unknown", "http.malformed"}, attempt.reasons
    assert len(field.lab.seen.read_text()) == before


def test_without_a_gateway_stunnel_carries_anything(field):
    before = len(field.lab.seen.read_text())
    with stunnel(field, "free", "web.lab-origin.com") as connection:
        connection(f"BREW /{SECRET} HTTP/1.0\r\n\r\n")
    assert SECRET in field.lab.seen.read_text()[before:]


@contextlib.contextmanager
def stunnel(field, scope, host):
    """stunnel's client over its own standard input and output, as an agent would have it started."""
    configuration = field.lab.folder / f"stunnel-{scope}.conf"
    configuration.write_text(f"client = yes\nforeground = quiet\npid =\nverifyChain = no\nsni = {host}\nconnect = {HOSTS[host][0]}:443\n")

    def say(text):
        return field.run(scope, "sh", "-c", '(printf "%s" "$1"; sleep 1) | timeout 3 stunnel4 "$2"', "sh", text, configuration)

    yield say


@pytest.mark.parametrize("scope", ["free", *ROOTED])
def test_ptunnel_over_echo_requests(field, scope):
    """As root, for a raw socket: TCP within ICMP, to a proxy on the other side."""
    proxy = field.lab.spawn("ptunnel-ng", "-r127.0.0.1", "-R22")
    time.sleep(0.3)
    try:
        with field.attempt("user" if scope == "free" else scope, f"icmp and dst host {UNRESOLVED4}") as attempt:
            field.run(scope, "sh", "-c", f"timeout 2 ptunnel-ng -p{UNRESOLVED4} -l2222 >/dev/null 2>&1 & sleep 0.5; echo {SECRET} | nc -w1 127.0.0.1 2222",
                      root=True)
        assert (attempt.arrived != []) == (scope == "free")
        assert scope == "free" or set(attempt.reasons) == {"ip.protocol_not_allowed"}
    finally:
        proxy.kill()
        proxy.wait()


@each
def test_httptunnel_is_http_that_the_policy_sees(field, scope):
    """To an address of nobody it does not get; to an allowed host it is requests with paths and bodies, each of them judged."""
    server = field.lab.spawn("hts", "-w", "-F", "127.0.0.1:22", f"{UNRESOLVED4}:8888")
    try:
        if scope == "user":
            with field.lab.capture(f"dst host {UNRESOLVED4} and tcp[tcpflags] & tcp-push != 0") as control:
                field.run("free", "sh", "-c", f"(echo {SECRET}; sleep 1) | timeout 2 htc -s -w {UNRESOLVED4}:8888 2>&1")
            assert control.lines != []
        with field.attempt(scope, f"host {UNRESOLVED4}") as attempt:
            field.run(scope, "sh", "-c", f"(sleep 1 | timeout 2 htc -s -w {UNRESOLVED4}:8888) 2>&1")
        assert attempt.arrived == [] and set(attempt.reasons) == {"ip.not_resolved"}
        with field.attempt(scope, "port 80") as attempt:
            field.run(scope, "sh", "-c", f"(echo {SECRET}; sleep 1) | timeout 2 htc -s -w {WEB4}:80 2>&1")
        # It gives the address for a name, and that is no allowed host.
        assert set(attempt.reasons) & {"http.host_mismatch", "http.malformed", "http.host_not_allowed"}, attempt.decisions
        assert SECRET not in "".join(attempt.arrived)
    finally:
        server.kill()
        server.wait()


def test_wireguard_in_user_space(field):
    """From each network that has its own root; the handshake is a datagram."""
    for scope in ("free", "interface", "veth", "cable"):
        with field.attempt("user" if scope == "free" else scope, f"udp and dst host {UNRESOLVED4}") as attempt:
            result = field.run(scope, "/usr/bin/python3", "-c", WIREGUARD, UNRESOLVED4, root=True, env=ENVIRONMENT)
        assert result.returncode == 0, (scope, result.stdout, result.stderr)
        assert (attempt.arrived != []) == (scope == "free"), (scope, attempt.arrived)
        assert scope == "free" or set(attempt.reasons) == {"ip.protocol_not_allowed"}


# Configured by the protocol that `wg` speaks to it; a datagram within makes it shake hands.
WIREGUARD = """
import os, socket, subprocess, sys, time
name = "wgtest%d" % (os.getpid() % 1000)
process = subprocess.Popen(["wireguard-go", "-f", name], env={**os.environ, "WG_PROCESS_FOREGROUND": "1"}, stderr=subprocess.PIPE)
path = f"/var/run/wireguard/{name}.sock"
try:
    for _ in range(100):
        if os.path.exists(path): break
        time.sleep(0.02)
    control = socket.socket(socket.AF_UNIX); control.connect(path)
    control.sendall(("set=1\\nprivate_key=%s\\npublic_key=%s\\nendpoint=%s:51820\\nallowed_ip=10.99.0.0/24\\npersistent_keepalive_interval=1\\n\\n"
                     % ("18" * 32, "2fe57da347cd62431528daac5fbb290730fff684afc4cfc2ed90995f58cb3b74", sys.argv[1])).encode())
    answer = control.recv(1000)
    assert b"errno=0" in answer, answer
    subprocess.run(["ip", "addr", "add", "10.99.0.1/24", "dev", name], check=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"portcullis-secret", ("10.99.0.2", 9)); time.sleep(0.7)
finally:
    process.kill(); process.wait()
"""
