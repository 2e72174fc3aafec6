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
    rules = RULES + "kill_switch: { on: { critical_findings: 3 within 60s } }\n"
    with Service(agents, rules, scopes=["user", "interface"]) as service:
        def mismatches():
            return [line for line in module.read_decisions(service.log) if line.get("reason") == "tls.sni_mismatch"]

        while not seal_is_awake("user"):
            assert len(mismatches()) < 9
            # The name in the hello is not the one that was asked for.
            agents.run("user", "curl", "-sSk", "-m", "3", "--connect-to", "tls.lab-origin.com:443:web.lab-origin.com:443",
                       "https://tls.lab-origin.com/hello")
            time.sleep(0.1)
        assert len(mismatches()) >= 3
        cause = [line["detail"] for line in module.read_decisions(service.log) if line.get("reason") == "kill.sealed"]
        assert cause[0].startswith("critical_findings: 3 within 60s, the last one tls.sni_mismatch"), cause
        assert not seal_is_awake("interface") and reaches(agents, "interface")


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


# Whatever state the daemon is in

STREAMS = {
    "answer": ["curl", "-sSN", "--cacert", "CA", "https://web.lab-origin.com/slow"],
    "upload": ["sh", "-c", "head -c 300000000 /dev/zero | curl -sS --cacert CA --limit-rate 3M -T - https://web.lab-origin.com/echo"],
    "direct": ["sh", "-c", "exec 3<>/dev/tcp/10.1.2.3/5432; printf 'GET /slow HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&3; exec cat <&3"],
}


# To a server; tcpdump looks into TCP headers of IPv4 only.
RESETS = "dst port 443 and (tcp[tcpflags] & tcp-rst != 0 or (ip6 and ip6[53] & 4 != 0))"

# Every stream in every state of the daemon, for one agent; what differs between the kinds of agents, for the others.
COMBINATIONS = [("user", stream, state) for stream in STREAMS for state in ("running", "stopped", "killed")] + [
    ("interface", "answer", "stopped"), ("interface", "upload", "running"), ("interface", "direct", "killed"),
    ("cable", "answer", "running"), ("cable", "upload", "stopped"), ("cable", "direct", "killed")]


@pytest.mark.parametrize("scope, stream, state", COMBINATIONS)
def test_streams_end_whatever_the_daemon_does(agents, scope, stream, state):
    with Service(agents, RULES, scopes=[scope, "cgroup"]) as service:
        command = [word.replace("CA", service.ca) if "CA" in word else word for word in STREAMS[stream]]
        if command[0] == "sh":
            command[0] = "bash"
        client = subprocess.Popen(agents.command(scope, *command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            time.sleep(1.2)
            assert client.poll() is None, client.communicate()
            if state == "stopped":
                os.kill(service.process.pid, signal.SIGSTOP)
            if state == "killed":
                service.process.kill()
                service.process.wait()
                time.sleep(0.2)
            with agents.lab.capture(RESETS) as resets:
                report = drop("--agent", scope, "--json")
            with agents.lab.capture() as capture:
                time.sleep(1.5)
            if stream != "direct" and state != "killed":
                assert len(resets.lines) >= 1, "the server was told"
            # What a server still sends to a connection that is gone is answered by the machine itself: a bare reset.
            left = [line for line in capture.lines if "Flags [R" not in line and not leads_here(line)]
            assert left == []
            steps = {step["step"]: step for step in json.loads(report.stdout)["agents"][0]["steps"]}
            if stream != "direct" and state == "stopped":
                assert steps["connections"]["detail"].startswith(("2 ", "3 ", "4 ")), steps
            if stream != "direct" and state == "running":
                assert client.wait(3) != 0, "the client was told"
            if state == "stopped":
                os.kill(service.process.pid, signal.SIGCONT)
                with agents.lab.capture() as capture:
                    time.sleep(1)
                assert [line for line in capture.lines if "Flags [R" not in line and not leads_here(line)] == []
        finally:
            client.kill()
            client.wait()
            # What such a connection would still say once nobody guards any more belongs to no other test.
            for enter in ([], ["ip", "netns", "exec", "vm"], ["ip", "netns", "exec", "empty"]):
                module.sh(*enter, "ss", "-K", "dst", f"{PRIVATE}", check=False)


def leads_here(line):
    """A packet of the internet's to the gateway: not the agent's."""
    source = line.split(" > ")[0].split()[-1]
    return not source.startswith((module.UPLINK4, module.UPLINK6, "10.77."))


def test_packets_that_wait_in_the_queue_die_with_it(agents):
    """A daemon that is stopped holds the agent's first packets; they are gone when it goes on."""
    with Service(agents, RULES, scopes=["user"]) as service:
        assert agents.run("user", "curl", "-sS", "-m", "3", f"http://{PRIVATE}:5432/hello").returncode == 0
        os.kill(service.process.pid, signal.SIGSTOP)
        clients = [subprocess.Popen(agents.command("user", "curl", "-sS", "-m", "4", f"http://{PRIVATE}:5432/hello"),
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(20)]
        time.sleep(0.5)
        waiting = [line.split() for line in open("/proc/net/netfilter/nfnetlink_queue")]
        assert any(int(fields[2]) >= 20 for fields in waiting), waiting
        drop("--agent", "user")
        with agents.lab.capture() as capture:
            os.kill(service.process.pid, signal.SIGCONT)
            time.sleep(1)
        assert capture.lines == []
        assert all(client.wait() != 0 for client in clients)
        module.sh("ss", "-K", "dst", f"{PRIVATE}", check=False)


def test_without_the_daemon_and_with_the_tables_gone(agents):
    """Nobody is there, and somebody has flushed everything: the seal is made anew."""
    with Service(agents, RULES, scopes=["user"]) as service:
        service.process.kill()
        service.process.wait()
        module.sh("nft", "delete", "table", "inet", "portcullis")
        module.sh("nft", "delete", "table", "inet", "portcullis_seal_user")
        assert agents.run("user", "curl", "-sS", "-m", "3", f"http://{PRIVATE}:5432/hello").returncode == 0, "nothing guards"
        report = drop("--agent", "user")
        assert "10 hooks" in report.stdout
        with agents.lab.capture() as capture:
            assert agents.run("user", "curl", "-sS", "-m", "1", f"http://{PRIVATE}:5432/hello").returncode != 0
        assert capture.lines == []


def test_a_sealed_agent_stays_sealed_over_restarts(agents):
    with Service(agents, RULES, scopes=["user", "interface", "cable"]) as service:
        for scope in ("user", "cable"):
            drop("--agent", scope)
        for end in (signal.SIGTERM, signal.SIGKILL):
            service.process.send_signal(end)
            service.process.wait()
            with agents.lab.capture() as capture:
                stop = threading.Event()
                tries = [threading.Thread(target=lambda scope=scope: keep_trying(agents, scope, stop)) for scope in ("user", "cable")]
                for thread in tries:
                    thread.start()
                service.start()
                time.sleep(1)
                stop.set()
                for thread in tries:
                    thread.join()
            assert capture.lines == [], "not a packet while it started"
            assert reaches(agents, "interface")
        for scope in ("user", "cable"):
            lift("--agent", scope)
            assert reaches(agents, scope)


def keep_trying(agents, scope, stop):
    while not stop.is_set():
        agents.run(scope, "curl", "-sS", "-m", "0.3", f"http://{PRIVATE}:5432/hello")


def test_the_seals_are_restored_without_the_service(agents):
    """As after a reboot: no rules, no registry, only what is on disk."""
    with Service(agents, RULES, scopes=["user", "interface", "cgroup", "bridge"]) as service:
        for scope in ("user", "cgroup", "bridge"):
            drop("--agent", scope)
        service.stop()
        module.sh("nft", "flush", "ruleset")
        module.sh("rm", "-rf", "/run/portcullis")
        result = module.sh(module.PORTCULLIS, "drop", "--restore", check=False)
        assert result.returncode == 0 and result.stdout.count("sealed") == 3, result.stdout + result.stderr
        with agents.lab.capture(f"host {PRIVATE}") as capture:
            for scope in ("user", "cgroup", "bridge"):
                agents.run(scope, "curl", "-sS", "-m", "1", f"http://{PRIVATE}:5432/hello")
        assert capture.lines == []
        module.sh("nft", "-f", "-", input="table inet lab { chain out { type nat hook postrouting priority srcnat; "
                                          'oifname "uplink0" masquerade; }; }\n')
        with agents.lab.capture() as capture:
            service.start()
            for scope in ("user", "cgroup", "bridge"):
                assert not reaches(agents, scope)
        assert [line for line in capture.lines if "ICMP" not in line] == []
        assert reaches(agents, "interface")
        for scope in ("user", "cgroup", "bridge"):
            lift("--agent", scope)
            assert reaches(agents, scope)


# Jails

JAIL_POLICY = "version: 1\nallow: [{ host: web.lab-origin.com }]\n"


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_a_jail_is_cut_off_in_the_middle_of_an_answer(lab, state):
    policy = lab.policy(JAIL_POLICY, "jail-drop")
    with lab.jailed("curl", "-sSN", "https://web.lab-origin.com/slow", policy=policy, options=["--name", "ci"]) as jail:
        time.sleep(1.5)
        assert jail.poll() is None
        if state == "stopped":
            os.kill(jail.pid, signal.SIGSTOP)
        report = drop("--agent", "ci")
        # Where the command did not survive it, its gateway may have ended meanwhile.
        assert "in the gateway's own namespace" in report.stdout or "gone with its process" in report.stdout, report.stdout
        assert state == "running" or "10 hooks" in report.stdout
        with lab.capture() as capture:
            time.sleep(2)
        assert [line for line in capture.lines if "Flags [R" not in line and not leads_here(line)] == []
        if state == "running":
            assert jail.wait(5) != 0
            assert "kill.sealed" in [line.get("reason") for line in module.read_decisions(jail.decision_log)]
    refused = lab.jail("true", policy=policy, options=["--name", "ci"])
    assert refused.returncode == 125 and "kill.sealed" in refused.stderr, refused.stderr
    assert lab.jail("true", policy=policy, options=["--name", "other"]).returncode == 0
    lift("--agent", "ci")
    assert lab.jail("curl", "-sS", "https://web.lab-origin.com/hello", policy=policy, options=["--name", "ci"]).returncode == 0


def test_a_seal_on_everybody_holds_for_who_comes_later(lab):
    policy = lab.policy(JAIL_POLICY, "jail-all")
    result = drop("--all")
    assert "nobody is guarded now" in result.stdout
    refused = lab.jail("true", policy=policy)
    assert refused.returncode == 125 and "raise --all" in refused.stderr
    one = module.sh(module.PORTCULLIS, "raise", "--agent", "jail", "--reason", "x", check=False)
    assert one.returncode == 1 and "raise --all" in one.stderr
    lift("--all")
    assert lab.jail("true", policy=policy).returncode == 0


def test_a_jail_is_sealed_by_a_signal(lab):
    policy = lab.policy(JAIL_POLICY, "jail-signal")
    with lab.jailed("curl", "-sSN", "https://web.lab-origin.com/slow", policy=policy, options=["--name", "ci"]) as jail:
        time.sleep(1.2)
        os.kill(jail.pid, signal.SIGRTMIN)
        assert jail.wait(5) != 0
        assert records() == ["ci"]


@pytest.mark.parametrize("scope", ["user", "cgroup", "cable", "jail"])
@pytest.mark.parametrize("what", ["--freeze", "--kill"])
def test_processes_are_frozen_and_killed(agents, scope, what):
    policy = agents.lab.policy(JAIL_POLICY, "jail-processes")
    with contextlib.ExitStack() as stack:
        # Forks all the time, and counts.
        counter = agents.lab.folder / f"count-{time.monotonic_ns()}"
        counter.write_text("")
        counter.chmod(0o666)
        loop = ["sh", "-c", f"while :; do echo x >>{counter}; (sleep 0.02) & sleep 0.02; done"]
        if scope == "jail":
            process = stack.enter_context(agents.lab.jailed(*loop, policy=policy, options=["--user", "nobody"]))
        else:
            stack.enter_context(Service(agents, RULES, scopes=[scope]))
            process = subprocess.Popen(agents.command(scope, *loop))
            stack.callback(process.wait)
            stack.callback(process.kill)
        time.sleep(0.7)
        drop("--agent", scope, what)
        counted = counter.stat().st_size
        time.sleep(0.5)
        assert counter.stat().st_size == counted > 0, "nothing runs any more"
        if what == "--kill":
            assert process.wait(5) != 0
        lift("--agent", scope)
        if what == "--freeze":
            wait_until(lambda: counter.stat().st_size > counted)
            assert not [name for name in os.listdir(agents.cgroups) if name.startswith("portcullis-sealed")]


def test_what_is_behind_an_interface_cannot_be_frozen(agents):
    with Service(agents, RULES, scopes=["interface"]):
        result = drop("--agent", "interface", "--freeze", check=False)
        assert result.returncode == 3 and "runs elsewhere" in result.stdout
        assert not reaches(agents, "interface"), "it is sealed all the same"


@pytest.mark.parametrize("options, code, words", [
    (["--agent", "nosuch", "--reason", "x"], 2, "there are: user"),
    (["--agent", "user"], 64, "say why"),
    (["--reason", "x"], 64, "say whom"),
    (["--agent", "user", "--all", "--reason", "x"], 64, "say whom"),
    (["--agent", "user", "--reason", " "], 64, "say why"),
    (["--agent", "user", "--reason", "x", "--freeze", "--kill"], 64, "not both"),
    (["--restore", "--all"], 64, "no other option"),
])
def test_a_wrong_command_line_seals_nobody(agents, options, code, words):
    with Service(agents, RULES, scopes=["user"]):
        result = module.sh(module.PORTCULLIS, "drop", *options, check=False)
        assert result.returncode == code and words in result.stderr, result.stderr
        assert records() == [] and reaches(agents, "user")


def test_both_are_recorded(agents):
    with Service(agents, RULES, scopes=["user"]) as service:
        module.sh(module.PORTCULLIS, "drop", "--agent", "user", "--reason", "a line\nand an \x1b[31mescape", check=False)
        lift("--agent", "user")
        wait_until(lambda: len([line for line in module.read_decisions(service.log) if line["stage"] == "kill"]) == 2)
        lines = [json.loads(line) for line in open(f"{module.STATE}/kill-switch.jsonl")]
        assert [line["event"] for line in lines[-2:]] == ["drop", "raise"]
        assert "\x1b" not in lines[-2]["reason"] and lines[-2]["reason"].startswith("a line") and lines[-2]["uid"] == 0
        assert {step["step"] for step in lines[-2]["steps"]} >= {"seal", "record", "connections", "flows", "read back"}
        assert oct(os.stat(f"{module.STATE}/kill-switch.jsonl").st_mode & 0o777) == "0o600"
