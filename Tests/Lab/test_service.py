"""The life of the service that `portcullis up` is: what it refuses to start with, and what its end means."""

import os
import signal
import socket
import subprocess
import time

import lab as module
import pytest
from lab import UNRESOLVED4
from scopes import Agents, Service

RULES = """
allow:
  - host: web.lab-origin.com
  - { address: 10.1.2.3/32, ports: [5432] }
"""


@pytest.fixture(scope="module")
def agents(lab):
    with Agents(lab) as made:
        yield made


def test_a_port_of_a_bridge_is_no_scope(agents):
    policy = agents.lab.policy("version: 1\nagents: [{ name: port, scope: { interface: port2 } }]\n", "port")
    result = module.sh(module.PORTCULLIS, "up", "--policy", str(policy), "--quiet", check=False)
    assert result.returncode == 1
    assert "agent port: port2 is a port of br7: guard that, `interface: br7`" in result.stderr


def test_a_link_past_the_rules_is_no_scope(agents):
    module.sh("ip", "link", "add", "past0", "link", "uplink0", "type", "macvlan")
    try:
        result = module.sh(module.PORTCULLIS, "up", "--quiet", "--interface", "past0", check=False)
        assert result.returncode == 1 and "past this machine's rules" in result.stderr, result.stderr
    finally:
        module.sh("ip", "link", "del", "past0")


def test_it_says_what_cannot_be_reached_without_forwarding(agents):
    module.sh("sysctl", "-qw", "net.ipv4.ip_forward=0")
    try:
        with Service(agents, RULES, scopes=["interface"]) as service:
            assert any("net.ipv4.ip_forward is off" in line for line in service.said)
    finally:
        module.sh("sysctl", "-qw", "net.ipv4.ip_forward=1")


@pytest.mark.parametrize("options, said, code", [
    ([], "nobody to guard", 2),
    (["--user", "no-such-user"], "no user is called no-such-user", 1),
    (["--cgroup", "no/such/group"], "find the cgroup no/such/group below", 1),
    (["--netns", "nosuch"], "ip netns add nosuch", 1),
    (["--interface", 'x" drop'], "takes the name of a network interface", 2),
    (["--interface", "lo"], "`lo` is everybody's", 2),
])
def test_a_scope_that_cannot_be_guarded_is_named(lab, options, said, code):
    result = module.sh(module.PORTCULLIS, "up", "--quiet", "--ca-folder", f"{lab.folder}/other-ca", *options, check=False)
    assert result.returncode == code and said in result.stderr, result.stderr
    assert "portcullis" not in module.sh("nft", "list", "tables").stdout


def test_one_service_at_a_time(agents):
    with Service(agents, RULES, scopes=["user"]):
        result = module.sh(module.PORTCULLIS, "up", "--quiet", "--user", "games", check=False)
        assert result.returncode == 1 and "the service runs already" in result.stderr


def test_what_stops_the_daemon_stops_the_agents(agents):
    """SIGSTOP, SIGKILL, SIGTERM: nothing leaves, and others are left alone; a new start takes over."""
    with Service(agents, RULES, scopes=["user", "interface"]) as service:
        def tries():
            for scope in ("user", "interface"):
                yield agents.run(scope, "curl", "-sS", "-m", "2", "http://web.lab-origin.com/hello").returncode
                yield agents.run(scope, "curl", "-sSk", "-m", "2", f"https://{UNRESOLVED4}/hello").returncode

        assert list(tries()) == [0, 7, 0, 7]
        for end in (signal.SIGSTOP, signal.SIGKILL):
            os.kill(service.process.pid, end)
            if end == signal.SIGKILL:
                service.process.wait()
            with agents.lab.capture() as capture:
                assert 0 not in tries()
                assert module.sh("curl", "-sS", "-m", "5", "http://10.1.2.3:5432/hello").returncode == 0
            # What was sent to addresses before that is still on its way back is not the agents'.
            assert [line for line in capture.lines if "10.1.2.3" not in line] == []
            if end == signal.SIGSTOP:
                os.kill(service.process.pid, signal.SIGCONT)
                time.sleep(0.5)
                assert list(tries()) == [0, 7, 0, 7]
        service.start()
        assert list(tries()) == [0, 7, 0, 7]
        assert service.stop() == 0
        assert 0 not in tries()
        assert "nobody is guarded" in service.down().stdout
        assert next(tries()) == 0
    assert "portcullis" not in module.sh("nft", "list", "tables").stdout


def test_a_restart_opens_no_gap(agents):
    """An agent that tries all the time, over five restarts."""
    with Service(agents, RULES, scopes=["user"]) as service:
        loop = "import socket\nwhile True:\n  try:\n    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n" \
               f"    s.sendto(b'secret', ('{UNRESOLVED4}', 9999))\n  except OSError: pass\n"
        trying = subprocess.Popen(agents.command("user", "/usr/bin/python3", "-c", loop))
        try:
            with agents.lab.capture("udp port 9999") as capture:
                for _ in range(5):
                    service.process.kill()
                    service.process.wait()
                    service.start()
            assert trying.poll() is None and capture.lines == []
        finally:
            trying.kill()
            trying.wait()


def test_systemd_is_told(agents, lab):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind("\0portcullis-lab-notify")
    listener.settimeout(10)
    service = Service(agents, RULES, scopes=["user"])
    os.environ["NOTIFY_SOCKET"] = "@portcullis-lab-notify"
    try:
        with service:
            assert b"READY=1" in listener.recv(1000)
    finally:
        del os.environ["NOTIFY_SOCKET"]
        listener.close()


def test_a_group_made_anew_is_guarded_still(agents):
    """A unit that restarts gets a new control group under its old name."""
    with Service(agents, RULES, scopes=["cgroup"]):
        assert agents.run("cgroup", "curl", "-sSk", "-m", "5", f"https://{UNRESOLVED4}/hello").returncode == 7
        base = agents.cgroups / agents.cgroup / "agent"
        for _ in range(50):
            try:
                (base / "deeper").rmdir()
                break
            except OSError:
                time.sleep(0.05)
        base.rmdir()
        (base / "deeper").mkdir(parents=True)
        time.sleep(1)
        assert agents.run("cgroup", "curl", "-sSk", "-m", "5", f"https://{UNRESOLVED4}/hello").returncode == 7


def test_the_hosts_resolver_may_change(agents):
    """As on a laptop that moves; and it may be known only after the service's start."""
    resolv = agents.lab.folder / "resolv.conf"
    before = resolv.read_text()
    try:
        resolv.write_text("# nobody yet\n")
        with Service(agents, RULES, scopes=["user"]):
            ask = ["dig", "+short", "+tries=1", "@9.9.9.9", "web.lab-origin.com"]
            assert agents.run("user", *ask).stdout == ""
            resolv.write_text(before)
            time.sleep(1.2)
            assert agents.run("user", *ask).stdout.strip() == "93.184.216.34"
    finally:
        resolv.write_text(before)
