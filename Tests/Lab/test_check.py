"""`portcullis check`: an agent's own tools ask whether they may act, as the agent's own user, from where the agent is."""

import contextlib
import json
import os
import signal

import subprocess
import time

import lab as module
import pytest
from scopes import Agents, Service

RULES = "allow: [{ host: web.lab-origin.com }]\n"
SOCKET = "/run/portcullis/agent.sock"
PLAIN = ["setpriv", "--regid", "nogroup", "--clear-groups", "--reuid"]


@pytest.fixture(scope="module")
def agents(lab):
    with Agents(lab) as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_is_left_sealed(lab):
    yield
    module.sh(module.PORTCULLIS, "raise", "--all", "--reason", "the test is over", check=False)


def drop(*options):
    module.sh(module.PORTCULLIS, "drop", *options, "--reason", "a test")


def lift(*options):
    module.sh(module.PORTCULLIS, "raise", *options, "--reason", "a test is over")


def check(enter):
    """What an agent's hook sees, run by `enter`."""
    started = time.monotonic()
    result = subprocess.run([*enter, module.PORTCULLIS, "check"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    result.seconds = time.monotonic() - started
    result.told = json.loads(result.stdout)
    return result


def assert_open(result):
    assert (result.returncode, result.told, result.stderr) == (0, {"decision": "allow"}, "")


def assert_sealed(result):
    assert result.returncode == 2 and "kill.sealed" in result.stderr, result.stderr
    assert result.told["decision"] == "block" and result.told["code"] == "kill.sealed"
    assert result.told["reason"].startswith("kill.sealed: ") and "portcullis raise" in result.told["remedy"]


def assert_refused(result, words):
    """Nobody said that it may act, and nobody said that it is sealed."""
    assert result.returncode == 2 and "kill.sealed" not in result.stderr and words in result.stderr, result.stderr
    assert result.told["decision"] == "block" and result.told["code"] is None and words in result.told["reason"]
    assert result.seconds < 3


@pytest.mark.parametrize("scope", ["user", "cgroup"])
def test_a_sealed_agents_tools_refuse(agents, scope):
    other = {"user": "cgroup", "cgroup": "user"}[scope]
    with Service(agents, RULES, scopes=["user", "cgroup"]) as service:
        assert_open(check(agents.command(scope)))
        drop("--agent", scope)
        assert_sealed(check(agents.command(scope)))
        assert_open(check(agents.command(other)))
        lift("--agent", scope)
        assert_open(check(agents.command(scope)))
        drop("--all")
        assert_sealed(check(agents.command(scope)))
        lift("--all")
        # Sealed while nobody is there to ask, and still when somebody is.
        service.stop()
        drop("--agent", scope)
        service.start()
        assert_sealed(check(agents.command(scope)))


@pytest.mark.parametrize("end", [signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM])
def test_a_gateway_that_cannot_be_asked(agents, end):
    with Service(agents, RULES, scopes=["user"]) as service:
        assert_open(check(agents.command("user")))
        service.process.send_signal(end)
        if end != signal.SIGSTOP:
            service.process.wait()
        assert_refused(check(agents.command("user")), "did not say that it may act")


def test_without_any_gateway(agents, lab):
    result = module.sh("unshare", "--mount", "sh", "-c", f"mount -t tmpfs tmpfs /run && exec {module.PORTCULLIS} check", check=False)
    assert result.returncode == 2 and "No such file" in result.stderr


def test_others_are_told_nothing(agents):
    """Root, another user, and whoever is behind an interface or in a namespace are no agents as far as a socket can tell."""
    with Service(agents, RULES, scopes=["user", "cgroup", "interface", "cable"]):
        drop("--agent", "user")
        for enter in ([*PLAIN, "games"], [], [*PLAIN, "0"], agents.command("interface", root=True)):
            assert_refused(check(enter), "none of the agents")


def ask(enter, *options, path="/v1/sealed"):
    return module.sh(*enter, "curl", "-sS", "-m", "5", "-w", "%{http_code}", "--unix-socket", SOCKET, *options,
                     f"http://portcullis{path}", check=False).stdout


def test_agents_give_no_orders_there(agents):
    with Service(agents, RULES, scopes=["user"]):
        user = agents.command("user")
        assert ask(user) == '{"sealed":false}\n200'
        for path in ("/v1/status", "/v1/pins?agent=user", "/v1/sealed?agent=user", "/", "/v1/sealed/"):
            assert ask(user, path=path) == '{"error":"there is GET /v1/sealed"}\n404'
        for path in ("/v1/drop", "/v1/raise", "/v1/heartbeat", "/v1/sealed"):
            for enter in (user, []):
                assert ask(enter, "-d", "all=true&reason=x", path=path).endswith("404")
        assert ask(user, "-d", "x" * 4000).endswith(("413", "400"))
        assert not os.path.exists(f"{module.STATE}/seals/user")
        drop("--agent", "user")
        assert ask(user) == '{"sealed":true}\n200'
        assert ask(user, "-d", "agent=user&reason=x", path="/v1/raise").endswith("404")
        assert os.path.exists(f"{module.STATE}/seals/user")


def test_what_else_is_there_stays_closed(agents):
    with Service(agents, RULES, scopes=["user"]):
        assert oct(os.stat("/run/portcullis").st_mode & 0o7777) == "0o711" and oct(os.stat(SOCKET).st_mode & 0o777) == "0o666"
        names = set(os.listdir("/run/portcullis"))
        assert {"agent.sock", "control.sock", "agents"} <= names
        for name in names - {"agent.sock"}:
            assert os.stat(f"/run/portcullis/{name}").st_mode & 0o077 == 0, name
        assert agents.run("user", "ls", "/run/portcullis").returncode != 0
        assert agents.run("user", "curl", "-sS", "--unix-socket", "/run/portcullis/control.sock", "http://x/v1/status").returncode != 0
        assert agents.run("user", "rm", "-f", SOCKET).returncode != 0 and os.path.exists(SOCKET)


def test_whoever_keeps_it_busy_keeps_no_operator_waiting(agents):
    """Connections that say nothing, and one that says a byte at a time."""
    with Service(agents, RULES, scopes=["user"]), contextlib.ExitStack() as stack:
        idle = "import socket,time\nheld=[]\nfor n in range(10):\n s=socket.socket(socket.AF_UNIX); s.connect(%r); held.append(s)\n" \
               "print('x', flush=True)\nwhile True:\n  time.sleep(0.05)\n  for s in held:\n    try: s.send(b'G')\n    except OSError: pass\n"
        process = stack.enter_context(subprocess.Popen(agents.command("user", "/usr/bin/python3", "-c", idle % SOCKET), stdout=subprocess.PIPE))
        stack.callback(process.kill)
        assert process.stdout.read(1)
        started = time.monotonic()
        answer = module.sh("curl", "-sS", "-m", "5", "--unix-socket", "/run/portcullis/control.sock", "http://x/v1/status")
        assert '"sealed":false' in answer.stdout and time.monotonic() - started < 0.5
        time.sleep(4)
        # All of them have been turned away.
        assert_open(check(agents.command("user")))


# Jails

JAIL = "version: 1\n"


def test_a_jails_tools_refuse(lab):
    policy = lab.policy(JAIL, "check-jail")
    go = lab.folder / f"go-{time.monotonic_ns()}"
    script = f"{module.PORTCULLIS} check; echo $?; while [ ! -e {go} ]; do sleep 0.02; done; {module.PORTCULLIS} check; echo $?"
    with lab.jailed("sh", "-c", script, policy=policy, options=["--user", "nobody", "--name", "ci"]) as jail:
        assert [jail.stdout.readline() for _ in range(2)] == ['{"decision":"allow"}\n', "0\n"]
        assert not os.path.exists(f"/run/portcullis/agent.{jail.pid}.sock"), "nobody outside has a way to it"
        drop("--agent", "ci")
        go.write_text("")
        told = json.loads(jail.stdout.readline())
        assert told["code"] == "kill.sealed" and jail.stdout.readline() == "2\n"
        jail.wait(10)
        assert "kill.sealed" in jail.stderr.read()


def test_a_jail_whose_gateway_is_stopped(lab):
    policy = lab.policy(JAIL, "check-stopped")
    go = lab.folder / f"go-{time.monotonic_ns()}"
    script = f"echo x; while [ ! -e {go} ]; do sleep 0.02; done; {module.PORTCULLIS} check; echo $?"
    with lab.jailed("sh", "-c", script, policy=policy, options=["--user", "nobody"]) as jail:
        assert jail.stdout.readline() == "x\n"
        os.kill(jail.pid, signal.SIGSTOP)
        go.write_text("")
        started = time.monotonic()
        told = json.loads(jail.stdout.readline())
        assert told["decision"] == "block" and told["code"] is None and jail.stdout.readline() == "2\n"
        assert time.monotonic() - started < 3


def test_jails_start_at_once(lab):
    """Each that ends takes the empty folder away; none of the others is to miss it."""
    policy = lab.policy(JAIL, "check-many")
    command = lab.command(module.PORTCULLIS, "check", policy=policy, options=["--user", "nobody"])
    many = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(8)]
    said = [process.communicate() for process in many]
    assert [process.returncode for process in many] == [0] * 8, said
    assert {out for out, _ in said} == {'{"decision":"allow"}\n'}
    assert not [process.pid for process in many if os.path.exists(f"/run/portcullis/agent.{process.pid}.sock")]
