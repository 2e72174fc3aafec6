"""Failing closed: whatever state the gateway is in, nothing leaves that it has not let through."""

import os
import re
import resource
import signal
import subprocess
import textwrap
import time

import pytest
from lab import UNRESOLVED4, reasons

POLICY = """
version: 1
allow:
  - host: web.lab-origin.com
  - address: 10.1.2.3/32
    ports: [5432]
"""

# Keeps trying every way out, and says when it has made its first connection.
BUSY = textwrap.dedent("""
    import socket, ssl, sys, threading, time
    def again(body):
        def loop():
            while True:
                try: body()
                except OSError: pass
                time.sleep(0.02)
        threading.Thread(target=loop, daemon=True).start()
    def udp(address, port):
        s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        s.sendto(b"x" * 100, (address, port))
    def tcp(address, port):
        s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET); s.settimeout(0.5)
        s.connect((address, port)); s.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    tls = ssl.create_default_context().wrap_socket(
        socket.create_connection(("web.lab-origin.com", 443)), server_hostname="web.lab-origin.com")
    relayed = socket.create_connection(("10.1.2.3", 5432))
    def request():
        tls.sendall(b"GET /hello HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\n\\r\\n"); tls.recv(65536)
    def relay():
        relayed.sendall(b"GET /hello HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"); relayed.recv(65536)
    request(); relay()
    tls.settimeout(1); relayed.settimeout(1)
    again(request); again(relay)
    for address in ("93.184.219.9", "2606:2800:220:3::9", "93.184.216.34"):
        again(lambda address=address: udp(address, 443)); again(lambda address=address: tcp(address, 443))
    again(lambda: udp("9.9.9.9", 53)); again(lambda: socket.gethostbyname("web.lab-origin.com"))
    print("busy", flush=True)
    time.sleep(600)
    """)


@pytest.fixture(scope="module")
def policy(lab):
    return lab.policy(POLICY, "failure")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_dead_or_stopped_gateway_lets_nothing_out(lab, policy, number):
    with lab.jailed("/usr/bin/python3", "-c", BUSY, policy=policy) as jail:
        assert jail.stdout.readline() == "busy\n", jail.stderr.read()
        time.sleep(0.5)
        jail.send_signal(number)
        time.sleep(0.3)
        # What the kernel still says for sockets that are open already is no packet of the jail's: acknowledgements and
        # keep-alives without data, resets.
        with lab.capture("(tcp[tcpflags] & tcp-syn != 0 and tcp[tcpflags] & tcp-ack = 0) or udp or icmp or "
                         "(tcp and greater 100 and src host 81.2.69.142)") as capture:
            time.sleep(3)
        assert capture.lines == []


def test_it_goes_on_after_a_pause(lab, policy):
    script = "curl -sS https://web.lab-origin.com/hello; sleep 2; curl -sS https://web.lab-origin.com/hello"
    with lab.jailed("sh", "-c", script, policy=policy) as jail:
        time.sleep(1)
        jail.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        jail.send_signal(signal.SIGCONT)
        assert jail.communicate(timeout=20)[0] == "hello from the origin\n" * 2


def test_out_of_descriptors(lab, policy):
    """New flows are refused, old ones go on, and it recovers."""
    program = textwrap.dedent("""
        import socket, ssl, sys
        def open_one():
            s = ssl.create_default_context().wrap_socket(
                socket.create_connection(("web.lab-origin.com", 443), timeout=5), server_hostname="web.lab-origin.com")
            s.settimeout(5)
            return s
        def ask(s):
            s.sendall(b"GET /hello HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\n\\r\\n")
            answer = b""
            while not answer.endswith(b"origin\\n"):
                piece = s.recv(65536)
                if not piece: raise ConnectionError("closed: " + repr(answer))
                answer += piece
        old = open_one(); ask(old)
        print("ready", flush=True); sys.stdin.readline()
        opened, refused = [], 0
        for _ in range(60):
            try: s = open_one(); ask(s); opened.append(s)
            except OSError as error: refused += 1
        ask(old)
        print(len(opened), refused, flush=True)
        for s in opened: s.close()
        opened = []
        sys.stdin.readline()
        ask(old); ask(open_one())
        print("recovered", flush=True)
        """)
    with lab.jailed("/usr/bin/python3", "-c", program, policy=policy, stdin=subprocess.PIPE) as jail:
        assert jail.stdout.readline() == "ready\n", jail.stderr.read()
        used = len(os.listdir(f"/proc/{jail.pid}/fd"))
        before = resource.prlimit(jail.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(jail.pid, resource.RLIMIT_NOFILE, (used + 20, before[1]))
        jail.stdin.write("\n")
        jail.stdin.flush()
        opened, refused = map(int, jail.stdout.readline().split())
        assert 0 < opened < 30 and refused >= 30 and opened + refused == 60
        time.sleep(1)
        jail.stdin.write("\n")
        jail.stdin.flush()
        assert jail.stdout.readline() == "recovered\n", jail.stderr.read()


def test_at_its_own_limit_of_flows(lab, policy):
    """Started with few descriptors, it shares them out and says why it refuses."""
    program = textwrap.dedent("""
        import socket
        socket.gethostbyname("web.lab-origin.com")
        sockets, refused = [], 0
        for _ in range(120):
            s = socket.socket(); s.settimeout(3)
            try:
                s.connect(("93.184.216.34", 443)); s.sendall(b"\\x16"); sockets.append(s)
                s.settimeout(0.2); s.recv(1); refused += 1
            except TimeoutError: pass
            except OSError: refused += 1
        print(refused)
        """)
    log = lab.folder / "limit.jsonl"
    command = lab.command("/usr/bin/python3", "-c", program, policy=policy, log=log)
    result = subprocess.run(["prlimit", "--nofile=128:128", *command], capture_output=True, text=True, timeout=120)
    assert int(result.stdout) > 30, result.stderr
    assert "limit.connections" in log.read_text()


def test_unreadable_policy(lab):
    path = lab.policy("version: 1\n", "unreadable")
    folder = lab.folder / "folder.yaml"
    folder.mkdir(exist_ok=True)
    for bad in (folder, "/nonexistent.yaml"):
        result = lab.jail("echo", "started", policy=bad)
        assert result.returncode == 125 and result.stdout == "" and str(bad) in result.stderr
    path.write_bytes(b"\xff\xfe\x00 not yaml: [")
    result = lab.jail("echo", "started", policy=path)
    assert result.returncode == 125 and result.stdout == "" and "unreadable.yaml" in result.stderr


def test_a_log_that_cannot_be_written_lets_nothing_through(lab, policy):
    command = lab.command("curl", "-sS", "--max-time", "8", "https://web.lab-origin.com/hello", policy=policy, log="/dev/full")
    lab.seen.write_text("")
    with lab.capture("port 443") as capture:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0 and "hello" not in result.stdout and capture.lines == []


def test_an_unreachable_resolver_is_an_answer_not_a_hang(lab):
    path = lab.policy("version: 1\nallow:\n  - host: web.lab-origin.com\ndns: { resolver: [93.184.216.77] }\n", "resolver")
    started = time.monotonic()
    result = lab.jail("dig", "+tries=1", "+time=9", "web.lab-origin.com", policy=path)
    assert "SERVFAIL" in result.stdout and reasons(result.decisions) == ["dns.upstream_failed"]
    assert re.search(r"EDE: 2[23]", result.stdout) and time.monotonic() - started < 9
