"""`portcullis evidence` about a gateway that is not as it should be: killed, with another policy, or with an odd log."""

import os
import subprocess
import time

import lab as module
import pytest
from evidence import FILES, RULES, bundle, collect, slow, talking, wait_for
from scopes import Agents, Service


@pytest.fixture(scope="module")
def agents(lab):
    with Agents(lab) as made:
        yield made


@pytest.fixture
def out(lab):
    return lab.folder / f"evidence-{time.monotonic_ns()}"


def test_a_gateway_that_was_killed(agents, out):
    """Its table stays, and so do its agents: the bundle says what nobody could tell any more."""
    with Service(agents, RULES, scopes=["user", "cable"]) as running:
        with talking(agents.command("user", *slow(running.ca))) as curl:
            running.process.kill()
            running.process.wait()
            made = bundle(out, "--all")
        assert made.result.returncode == 3
        assert set(made.missing) == {"pins.json, agent user", "pins.json, agent cable"}
        assert all("is not running" in reason for reason in made.missing.values())
        assert FILES <= made.names and "pins.json" not in made.names
        assert "missing: pins.json, agent user: the gateway, process" in made.result.stderr
        assert all(agent["gateway"]["alive"] is False for agent in made.manifest["agents"])
        assert curl.pid in [process["pid"] for process in made.json("processes.json")["processes"]]
        assert [line for line in made.check_log() if line["agent_name"] == "user"]
        assert made.manifest["logs"][0]["open_in_gateway"] is None
        assert "table inet portcullis {" in (out / "ruleset.nft").read_text()
        assert [flow for flow in made.json("flows.json")["flows"] if flow["verdict"] == "intercepted"]


def test_a_jail_that_was_killed(lab, out):
    policy = lab.policy("version: 1\n" + RULES, f"killed-{time.monotonic_ns()}")
    with lab.jailed("sh", "-c", "curl -sS http://web.lab-origin.com/hello; sleep 60", policy=policy, options=["--name", "killed"]) as jail:
        wait_for(lambda: len(module.read_decisions(jail.decision_log)) > 1)
        jail.kill()
        jail.wait()
    made = bundle(out, "--agent", "killed")
    assert made.result.returncode == 3 and "is not running" in made.missing["pins.json, agent killed"]
    assert made.check_log() and made.json("processes.json") == {"processes": []}


def test_a_policy_that_was_changed_since(agents, out):
    with Service(agents, RULES, scopes=["user"]) as running:
        running.policy.write_text(running.policy.read_text() + "  - host: added.example.com\n")
        made = bundle(out, "--agent", "user")
        assert made.result.returncode == 3
        assert "was changed since the gateway read it" in made.missing["policy.yaml"]
        assert "not what the gateway read" in made.missing["policy.txt"] and "policy.txt" not in made.names
        entry = made.manifest["policies"][0]["files"][0]
        assert entry["sha256_when_loaded"] != entry["sha256_now"] and entry["copy"] == "policy.yaml"


def test_a_policy_of_several_files(agents, lab, out):
    lab.policy("version: 1\nallow:\n  - host: other.lab-origin.com\n", "base")
    with Service(agents, "extends: [./base.yaml, npm]\n", scopes=["user"], options=["--allow", "api.lab-origin.com", "--observe"]):
        made = bundle(out, "--agent", "user")
        assert made.missing == {}
        assert "other.lab-origin.com" in (out / "policy-extends-1.yaml").read_text()
        meaning = (out / "policy.txt").read_text()
        assert "mode: observe" in meaning
        for host in ("other.lab-origin.com", "api.lab-origin.com", "registry.npmjs.org"):
            assert host in meaning
        policy = made.manifest["policies"][0]
        assert policy["allow"] == ["api.lab-origin.com"] and policy["observe"] is True and len(policy["files"]) == 2


def test_only_the_time_asked_for(agents, out):
    with Service(agents, RULES, scopes=["user"]) as running:
        agents.run("user", "getent", "ahostsv4", "refused.lab-origin.com")
        time.sleep(3)
        before = running.log.stat().st_size
        agents.run("user", "getent", "ahostsv4", "web.lab-origin.com")
        made = bundle(out, "--agent", "user", since="2s")
        log = made.manifest["logs"][0]
        assert log["from_offset"] == before > 0 and log["log_size"] == log["to_offset"] == running.log.stat().st_size
        assert {line["subject"].split()[0] for line in made.check_log()} == {"web.lab-origin.com"}


def test_a_torn_line_and_a_large_log(agents, out):
    """What was written years ago is passed over, and a line without its end is left."""
    with Service(agents, RULES, scopes=["user"]) as running:
        old = b'{"time":"2020-01-01T00:00:00.000Z","agent":1,"subject":"old"}\n' * 1_000_000
        agents.run("user", "getent", "ahostsv4", "web.lab-origin.com")
        # As after years of service: the same file, so that the gateway goes on with it.
        lines = running.log.read_bytes()
        with open(running.log, "r+b") as log:
            log.write(old + lines + b'{"time":"2030-01-01T00:00:00.000Z","agent')
        started = time.monotonic()
        made = bundle(out, "--agent", "user")
        assert time.monotonic() - started < 20
        entry = made.manifest["logs"][0]
        assert entry["from_offset"] == len(old) and entry["torn_bytes"] == 41
        assert (out / "decisions.jsonl").read_bytes() == lines
        made.check_log()


def test_a_log_that_was_replaced(agents, out):
    with Service(agents, RULES, scopes=["user"]) as running:
        agents.run("user", "getent", "ahostsv4", "web.lab-origin.com")
        running.log.rename(running.log.with_suffix(".1"))
        running.log.write_text("")
        made = bundle(out, "--agent", "user")
        assert made.manifest["logs"][0]["open_in_gateway"] is False
        assert "moved or replaced" in made.missing["decisions.jsonl"]


@pytest.mark.parametrize("kind", ["gone", "link", "pipe"])
def test_a_log_that_cannot_be_read(agents, out, kind):
    with Service(agents, RULES, scopes=["user"]) as running:
        running.log.unlink()
        if kind == "link":
            running.log.symlink_to("/etc/shadow")
        elif kind == "pipe":
            os.mkfifo(running.log)
        made = bundle(out, "--agent", "user")
        assert made.result.returncode == 3 and "decisions.jsonl" not in made.names
        assert str(running.log) in made.missing["decisions.jsonl, agent user"]


def test_decisions_that_go_nowhere(agents, lab, out):
    policy = agents.policy(RULES, ["user"])
    process = subprocess.Popen(
        [module.PORTCULLIS, "up", "--policy", str(policy), "--quiet", "--ca-folder", f"{lab.folder}/quiet-ca"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if ": ready" in line:
                break
        made = bundle(out, "--agent", "user")
        assert "`--log FILE`" in made.missing["decisions.jsonl, agent user"] and "decisions.jsonl" not in made.names
    finally:
        process.terminate()
        process.wait()
        module.sh(module.PORTCULLIS, "down")


def test_a_service_that_has_ended(agents, out):
    """Its rules stay, and so does what is known of its agents; its own file goes when the next gateway starts."""
    with Service(agents, RULES, scopes=["user"]) as running:
        running.stop()
        assert set(bundle(out.with_suffix(".before"), "--agent", "user").missing) == {"pins.json, agent user"}
        agents.lab.jail("true", policy=agents.lab.policy("version: 1\n"))
        made = bundle(out, "--agent", "user")
        assert set(made.missing) == {"pins.json, agent user", "decisions.jsonl, agent user", "policy.yaml, agent user"}
        assert "has ended" in made.missing["decisions.jsonl, agent user"]
        assert made.manifest["agents"][0]["users"] == [65534]


def test_nobody_to_ask_about(lab, out):
    script = f"mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs {module.STATE} && exec {module.PORTCULLIS} evidence --since 1m -o {out}"
    result = module.sh("unshare", "--mount", "sh", "-c", script, check=False)
    assert result.returncode == 2 and "nothing to collect" in result.stderr and not out.exists()
