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
