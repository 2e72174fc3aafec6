"""No way around by time: sockets from before the gateway, sockets closed with data pending, answers to who comes to the agent."""

import subprocess
import time

import pytest
from bypass import FORWARDED, Field
from lab import UNRESOLVED4, UPLINK4

# A server that keeps its window shut until it is told to read.
SLOW = """
import os, socket, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], 9000)); s.listen(5); print("listening", flush=True)
connection = s.accept()[0]
while not os.path.exists(sys.argv[2]): time.sleep(0.02)
connection.settimeout(2)
data = b""
try:
    while piece := connection.recv(65536): data += piece
except OSError: pass
print("secret" if b"portcullis-secret" in data else "no secret", flush=True)
"""
# Fills the window, waits, adds the secret, and lets go of the socket.
CLIENT = """
import os, socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, int(sys.argv[3]))
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200000); s.connect((sys.argv[1], 9000)); s.setblocking(False)
try:
    for _ in range(100): s.send(b"x" * 1000)
except BlockingIOError: pass
print("filled", flush=True)
while not os.path.exists(sys.argv[2]): time.sleep(0.02)
try: s.send(b"portcullis-secret"); print("sent", flush=True)
except OSError as problem: print(problem, flush=True)
s.close()
"""


@pytest.fixture(scope="module")
def field(lab):
    with Field(lab, jail=False) as made:
        yield made


def linger(field, scope, protocol, between):
    """What the server gets of a connection that is let go of with data pending, after `between`."""
    name = field.lab.folder / f"linger-{scope}-{protocol}-{time.monotonic_ns()}"
    server = field.lab.internet
    serving = subprocess.Popen(
        ["nsenter", f"--net=/proc/{server}/ns/net", "/usr/bin/python3", "-c", SLOW, UNRESOLVED4, f"{name}-read"],
        stdout=subprocess.PIPE, text=True)
    serving.stdout.readline()
    asking = subprocess.Popen(
        field.command(scope, "/usr/bin/python3", "-c", CLIENT, UNRESOLVED4, f"{name}-go", protocol), stdout=subprocess.PIPE, text=True)
    try:
        assert asking.stdout.readline() == "filled\n"
        between()
        open(f"{name}-go", "w").close()
        asking.communicate()
        open(f"{name}-read", "w").close()
        return serving.communicate()[0].strip()
    finally:
        for process in (serving, asking):
            if process.poll() is None:
                process.kill()
            process.wait()


def test_without_a_gateway_what_is_pending_arrives(field):
    assert linger(field, "free", 0, lambda: None) == "secret"


@pytest.mark.parametrize("scope", FORWARDED)
@pytest.mark.parametrize("protocol", [0, 262])
def test_a_connection_from_before_the_gateway_carries_nothing_more(field, scope, protocol):
    """TCP and MPTCP. A socket that nobody holds has no user, and no rule that asks for one."""
    field.service.stop()
    field.service.down()

    def start():
        # The kernel asks after the shut window at growing intervals; a question after the start would end the connection.
        time.sleep(3 if scope == "user" else 0)
        field.service.start()
        time.sleep(0.1)

    assert linger(field, scope, protocol, start) == "no secret"


LISTEN = """
import socket, sys, threading, time
t = socket.create_server(("::", 6060), family=socket.AF_INET6, dualstack_ipv6=True)
u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); u.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0); u.bind(("::", 6060))
def datagrams():
    while True:
        data, who = u.recvfrom(2000)
        try: u.sendto(b"portcullis-secret", who)
        except OSError: pass
threading.Thread(target=datagrams, daemon=True).start()
print("ready", flush=True)
while True:
    s = t.accept()[0]
    try: s.sendall(b"portcullis-secret")
    except OSError: pass
    s.close()
"""


@pytest.mark.parametrize("scope", ["free", "user", "cgroup", "interface", "bridge", "veth"])
def test_who_comes_to_the_agent_gets_nothing(field, scope):
    """From the internet: to this machine's address, or to the agent's own by a route."""
    address = {"user": UPLINK4, "cgroup": UPLINK4, "interface": "10.77.1.2", "bridge": "10.77.3.2", "veth": "10.77.2.2", "free": "10.77.9.2"}[scope]
    field.lab.inside("ip", "route", "replace", "10.77.0.0/16", "via", UPLINK4)
    listening = subprocess.Popen(field.command(scope, "/usr/bin/python3", "-c", LISTEN), stdout=subprocess.PIPE, text=True)
    try:
        assert listening.stdout.readline() == "ready\n"
        with field.lab.capture(f"src host {address} and port 6060 and (udp or tcp[tcpflags] & tcp-push != 0)") as capture:
            tried = field.lab.inside("sh", "-c", f"nc -w1 {address} 6060 </dev/null; echo hello | nc -uw1 {address} 6060", check=False)
        assert ("portcullis-secret" in tried.stdout) == (scope == "free") == (capture.lines != [])
    finally:
        listening.kill()
        listening.wait()
