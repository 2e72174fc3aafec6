"""`portcullis status`: who is guarded, who is sealed, and whether the kernel says so too."""

import contextlib
import json
import os
import re
import time

import lab as module
import pytest
from scopes import Agents, Service

RULES = "allow: [{ host: web.lab-origin.com }]\n"


@pytest.fixture(scope="module")
def agents(lab):
    with Agents(lab) as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_is_left_sealed(lab):
    yield
    module.sh(module.PORTCULLIS, "raise", "--all", "--reason", "the test is over", check=False)


def status(*options):
    result = module.sh(module.PORTCULLIS, "status", *options, check=False)
    result.lines = result.stdout.splitlines()
    return result


def seals():
    return {seal["name"]: seal for line in status("--json").lines for seal in json.loads(line)["seals"]}


def drop(*options):
    module.sh(module.PORTCULLIS, "drop", *options, "--reason", "it asked for\nthe customers' table")


def columns(line):
    return re.split(r"  +", line)


def test_each_agent_has_a_line(agents, lab):
    policy = lab.policy("version: 1\nmode: observe\n", "status-jail")
    with Service(agents, RULES, scopes=["user", "interface", "cable"]) as service:
        with lab.jailed("sleep", "60", policy=policy, options=["--name", "ci"]) as jail:
            while not os.path.exists(f"/run/portcullis/control.{jail.pid}.sock"):
                time.sleep(0.02)
            drop("--agent", "cable")
            result = status()
            told = seals()
    assert result.returncode == 0 and result.stderr == ""
    lines = {columns(line)[0]: columns(line) for line in result.lines}
    queue = lines["user"][5]
    assert queue in ("nft queue", "xtables NFQUEUE")
    assert lines["user"] == ["user", "open", f"service {service.process.pid} alive", "user nobody", "enforce", queue]
    assert lines["interface"][3] == "interface tap7"
    assert lines["ci"] == ["ci", "open", f"jail {jail.pid} alive", "jail", "observe", queue]
    assert lines["cable"][1:4] == ["sealed (kernel: awake)", f"service {service.process.pid} alive", "netns empty"]
    assert re.fullmatch(r"since 20\d\d-\d\d-\d\dT\S+Z, command by uid 0: it asked for.*the customers' table", lines["cable"][6])
    assert set(lines) == {"user", "interface", "cable", "ci"} == set(told)
    sealed = told["cable"]
    assert (sealed["sealed"], sealed["kernel"], sealed["agree"], sealed["cause"], sealed["uid"]) == (True, "awake", True, "command", 0)
    assert sealed["gateway"] == {"pid": service.process.pid, "service": True, "alive": True}
    assert (told["ci"]["sealed"], told["ci"]["kernel"], told["ci"]["mode"]) == (False, "asleep", "observe")


def test_a_seal_on_everybody(agents):
    with Service(agents, RULES, scopes=["user"]):
        drop("--all")
        result = status()
    lines = {columns(line)[0]: line for line in result.lines}
    assert result.returncode == 0 and set(lines) == {"user", "everybody"}
    assert "sealed (kernel: awake)" in lines["user"] and "who comes later too" in lines["everybody"]


def test_who_is_sealed_and_not_running(agents, lab):
    policy = lab.policy("version: 1\n", "status-ended")
    with lab.jailed("sleep", "60", policy=policy, options=["--name", "ended"]) as jail:
        while not os.path.exists(f"/run/portcullis/control.{jail.pid}.sock"):
            time.sleep(0.02)
        drop("--agent", "ended", "--kill")
        jail.wait(10)
    result = status()
    assert result.returncode == 0 and columns(result.stdout)[:3] == ["ended", "sealed", "not running"]
    first = json.loads(status("--json").lines[0])
    assert first["pid"] is None and first["seals"][0]["name"] == "ended" and first["seals"][0]["gateway"] is None


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_a_service_that_is_dead(agents, end):
    with Service(agents, RULES, scopes=["user"]) as service:
        getattr(service.process, end)()
        service.process.wait()
        result = status()
        assert result.returncode == 0
        assert columns(result.lines[0])[:3] == ["user", "open", f"service {service.process.pid} DEAD"]
        drop("--agent", "user")
        result = status()
        assert result.returncode == 0 and "sealed (kernel: awake)" in result.stdout


@pytest.mark.parametrize("way, said", [
    ("asleep", "a seal is on record, and the kernel says: asleep"),
    ("awake", "no seal is on record, and the kernel says: awake"),
    ("missing", "a seal is on record, and the kernel says: portcullis_seal_user MISSING"),
    ("altered", "a seal is on record, and the kernel says: portcullis_seal_user ALTERED"),
    ("altered asleep", "no seal is on record, and the kernel says: portcullis_seal_user ALTERED"),
])
def test_kernel_and_record_that_disagree(agents, way, said):
    """Nobody is there who would put it right: the daemon is dead."""
    with Service(agents, RULES, scopes=["user"]) as service:
        service.process.kill()
        service.process.wait()
        if way != "altered asleep":
            drop("--agent", "user")
        if way == "asleep":
            module.sh("nft", "add table inet portcullis_seal_user { flags dormant; }")
        elif way == "awake":
            os.unlink(f"{module.STATE}/seals/user")
        elif way == "missing":
            module.sh("nft", "delete", "table", "inet", "portcullis_seal_user")
        else:
            module.sh("nft", "flush", "chain", "inet", "portcullis_seal_user", "cut")
        result = status()
        assert result.returncode == 3 and f"user: {said}" in result.stderr, (result.stdout, result.stderr)
        assert "KERNEL SAYS" in result.stdout and seals()["user"]["agree"] is False
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{module.STATE}/seals/user")
        module.sh("nft", "delete", "table", "inet", "portcullis_seal_user", check=False)


def test_nobody(lab):
    result = status()
    assert (result.returncode, result.stdout) == (0, "nobody is guarded, and nobody is sealed\n")
    assert status("--json").stdout == ""


def test_the_help_has_the_exit_codes():
    text = " ".join(module.sh(module.PORTCULLIS, "status", "--help").stdout.split())
    assert "Exit code: 0 when the kernel says of every seal what its record says; 3 when it does not" in text
