"""The kill switch: `portcullis drop` and `raise`, whatever state the daemon is in."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time

import lab as module
import pytest
from lab import PRIVATE
from scopes import SCOPES, Agents, Service

RULES = """
allow:
  - host: web.lab-origin.com
  - host: tls.lab-origin.com
  - { address: 10.1.2.3/32, ports: [5432] }
"""


@pytest.fixture(scope="module")
def agents(lab):
    with Agents(lab) as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_is_left_sealed(lab):
    yield
    with contextlib.suppress(OSError):
        os.unlink("/run/portcullis/seal")
    if records():
        module.sh(module.PORTCULLIS, "raise", "--all", "--reason", "the test is over", check=False)


def drop(*options, check=True):
    result = module.sh(module.PORTCULLIS, "drop", *options, "--reason", "a test", check=False)
    if check:
        assert result.returncode == 0, result.stdout + result.stderr
    return result


def lift(*options):
    result = module.sh(module.PORTCULLIS, "raise", *options, "--reason", "a test is over", check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def reaches(agents, scope):
    return agents.run(scope, "curl", "-sS", "-m", "3", "http://web.lab-origin.com/hello").returncode == 0


@pytest.mark.parametrize("scope", SCOPES)
def test_each_kind_of_agent_is_cut_off_and_let_go_on(agents, scope):
    with Service(agents, RULES):
        others = [other for other in SCOPES if other != scope]
        assert reaches(agents, scope)
        report = drop("--agent", scope)
        assert "as loaded" in report.stdout and "FAILED" not in report.stdout, report.stdout
        with agents.lab.capture() as capture:
            assert not reaches(agents, scope)
        assert capture.lines == []
        assert all(reaches(agents, other) for other in others), "the others go on"
        lift("--agent", scope)
        assert reaches(agents, scope)


def records():
    folder = f"{module.STATE}/seals"
    return sorted(name for name in os.listdir(folder) if not name.startswith(".")) if os.path.isdir(folder) else []


def wait_until(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.01)
    raise TimeoutError(condition)


def seal_is_awake(scope):
    listing = module.sh("nft", "list", "table", "inet", f"portcullis_seal_{scope}", check=False).stdout
    return "hook output" in listing and "flags dormant" not in listing


KILLS = """
kill_switch:
  on: { critical_findings: 2 within 60s, recorder_failure: true, heartbeat_lost: 1h }
"""


@pytest.mark.parametrize("trigger", ["signal", "sentinel", "record", "flush", "rule", "delete", "seal table", "seal rule"])
def test_each_trigger_seals_everybody(agents, trigger):
    scopes = ["user", "interface"]
    with Service(agents, RULES, scopes=scopes) as service:
        assert all(reaches(agents, scope) for scope in scopes)
        whom = scopes
        if trigger == "signal":
            os.kill(service.process.pid, signal.SIGUSR1)
        elif trigger == "sentinel":
            open("/run/portcullis/seal", "w").close()
        elif trigger == "record":
            open(f"{module.STATE}/seals/user", "w").close()
            whom = ["user"]
        elif trigger == "flush":
            module.sh("nft", "flush", "table", "inet", "portcullis")
        elif trigger == "rule":
            module.sh("nft", "insert", "rule", "inet", "portcullis", "leaving", "accept")
        elif trigger == "delete":
            module.sh("nft", "delete", "table", "inet", "portcullis")
        elif trigger == "seal table":
            module.sh("nft", "delete", "table", "inet", "portcullis_seal_user")
            whom = ["user"]
        elif trigger == "seal rule":
            module.sh("nft", "flush", "chain", "inet", "portcullis_seal_user", "cut")
            whom = ["user"]
        wait_until(lambda: all(seal_is_awake(scope) for scope in whom) and set(records()) >= set(whom))
        try:
            for scope in whom:
                assert not reaches(agents, scope)
            if len(whom) == 1:
                assert reaches(agents, "interface")
            sealed = [line for line in module.read_decisions(service.log) if line.get("reason") == "kill.sealed"]
            assert {line["agent_name"] for line in sealed} == set(whom)
            if trigger == "sentinel":
                refused = module.sh(module.PORTCULLIS, "raise", "--all", "--reason", "x", check=False)
                assert refused.returncode == 1 and "/run/portcullis/seal" in refused.stderr
                os.unlink("/run/portcullis/seal")
        finally:
            for scope in whom:
                lift("--agent", scope)
        assert records() == []
        assert all(reaches(agents, scope) for scope in scopes), "the ruleset was put right"


def control(*options, path="/v1/status", user=None):
    who = ["setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups"] if user else []
    return module.sh(*who, "curl", "-sS", "-m", "5", "-w", "%{http_code}", "--unix-socket", "/run/portcullis/control.sock", *options,
                     f"http://portcullis{path}", check=False)


def test_the_control_api_seals_and_raises(agents):
    with Service(agents, RULES, scopes=["user", "interface"]):
        result = control("-d", "agent=user", "--data-urlencode", "reason=it asked for & the = customers' table", path="/v1/drop")
        assert result.stdout.endswith("200") and '"name":"user","sealed":true,"cause":"control by uid 0: it asked for & the = customers' in result.stdout, result.stdout
        assert not reaches(agents, "user") and reaches(agents, "interface")
        assert control("-d", "agent=user", "-d", "reason=over", path="/v1/raise").stdout.endswith("200")
        assert reaches(agents, "user") and records() == []


@pytest.mark.parametrize("options, path, code, words", [
    (["-d", "agent=nobody-here", "-d", "reason=x"], "/v1/drop", 404, "there are: user"),
    (["-d", "agent=user"], "/v1/drop", 400, "say why"),
    (["-d", "reason=x"], "/v1/drop", 400, "say whom"),
    (["-d", "agent=user", "-d", "all=true", "-d", "reason=x"], "/v1/drop", 400, "say whom"),
    (["-d", "agent=user", "-d", "agent=user", "-d", "reason=x"], "/v1/drop", 400, "no form"),
    (["-d", "agent=user", "-d", "reason=x", "-d", "colour=red"], "/v1/drop", 400, "unknown parameter colour"),
    ([], "/v1/drop", 405, "takes POST"),
    ([], "/v2/status", 404, "/v1/status"),
    (["-d", "seconds=0"], "/v1/heartbeat", 400, "from 1"),
    (["-H", "Transfer-Encoding: chunked", "-d", "agent=user"], "/v1/drop", 411, "how long"),
    (["-d", "reason=" + "x" * 20000], "/v1/drop", 413, "too long"),
])
def test_the_control_api_says_what_is_wrong(agents, options, path, code, words):
    with Service(agents, RULES, scopes=["user"]):
        result = control(*options, path=path)
        assert result.stdout.endswith(str(code)) and words in result.stdout, result.stdout + result.stderr
        assert reaches(agents, "user") and records() == []


def test_no_agent_gives_orders(agents):
    with Service(agents, RULES, scopes=["user"]):
        assert control(user="nobody").returncode != 0, "the socket is not the agent's to open"
        assert control(user="games").returncode != 0
        for command in ("drop", "raise"):
            result = agents.run("user", module.PORTCULLIS, command, "--all", "--reason", "x")
            assert result.returncode != 0 and "needs root" in result.stderr, result.stderr
        assert agents.run("user", "touch", f"{module.STATE}/seals/user").returncode != 0
        assert records() == [] and reaches(agents, "user")


def test_operators_of_the_group_give_orders(agents):
    with Service(agents, RULES + "control: { group: games }\n", scopes=["user"]):
        result = module.sh("setpriv", "--reuid", "games", "--regid", "games", "--clear-groups", "curl", "-sS", "--unix-socket",
                           "/run/portcullis/control.sock", "-d", "agent=user", "-d", "reason=x", "http://portcullis/v1/drop")
        assert '"sealed":true' in result.stdout
        assert not reaches(agents, "user")
        # The agent's own user is none, though it were of the group.
        result = module.sh("setpriv", "--reuid", "nobody", "--regid", "games", "--clear-groups", "curl", "-sS", "--unix-socket",
                           "/run/portcullis/control.sock", "-d", "agent=user", "-d", "reason=x", "http://portcullis/v1/raise")
        assert "for operators" in result.stdout
        lift("--agent", "user")


def test_a_lost_heartbeat_seals_everybody(agents):
    with Service(agents, RULES + "kill_switch: { on: { heartbeat_lost: 5s } }\n", scopes=["user"]):
        for _ in range(3):
            time.sleep(2)
            assert module.sh(module.PORTCULLIS, "heartbeat", check=False).returncode == 0
        assert reaches(agents, "user"), "it was renewed"
        wait_until(lambda: seal_is_awake("user"), 8)
        assert "heartbeat_lost" in control().stdout
        assert not reaches(agents, "user")
        lift("--agent", "user")


def test_critical_findings_seal_the_agent(agents):
    rules = RULES + "kill_switch: { on: { critical_findings: 2 within 60s } }\n"
    with Service(agents, rules, scopes=["user", "interface"]):
        for _ in range(2):
            assert not seal_is_awake("user")
            # The name in the hello is not the one that was asked for.
            agents.run("user", "curl", "-sSk", "-m", "3", "--connect-to", "tls.lab-origin.com:443:web.lab-origin.com:443",
                       "https://tls.lab-origin.com/hello")
        wait_until(lambda: seal_is_awake("user"))
        assert not seal_is_awake("interface")
        lift("--agent", "user")


def test_a_recorder_that_fails_seals_everybody(agents):
    with Service(agents, RULES + "kill_switch: { on: { recorder_failure: true } }\n", scopes=["user"]) as service:
        service.stop()
        full = agents.lab.folder / "full"
        full.mkdir()
        module.sh("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(full))
        try:
            service.log = full / "log"
            service.start()
            (full / "filler").write_bytes(b"x" * 61440)
            for _ in range(100):
                agents.run("user", "curl", "-sS", "-m", "1", "http://web.lab-origin.com/hello")
                if seal_is_awake("user"):
                    break
            assert seal_is_awake("user")
            assert "recorder_failed" in control().stdout
        finally:
            service.stop()
            module.sh("umount", str(full))
    lift("--agent", "user")
