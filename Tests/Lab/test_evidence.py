"""`portcullis evidence` about agents of a gateway that runs: what is in the folder, what is not, and when there is none."""

import datetime
import hashlib
import ipaddress
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import lab as module
import pytest
from evidence import ARGUMENT, FILES, PATH, RULES, SECRETS, VARIABLE, bundle, collect, slow, talking, wait_for
from lab import HOSTS
from scopes import Agents, Service


@pytest.fixture(scope="module")
def agents(lab):
    with Agents(lab) as made:
        yield made


@pytest.fixture(scope="module")
def service(agents):
    with Service(agents, RULES, scopes=["user", "cgroup", "cable"]) as running:
        yield running


@pytest.fixture
def out(lab):
    return lab.folder / f"evidence-{time.monotonic_ns()}"


def web_addresses():
    return {str(ipaddress.ip_address(address)) for address in HOSTS["web.lab-origin.com"]}


# What is in a bundle


def test_a_user_of_the_service(agents, service, out):
    agents.run("user", "curl", "-sS", "-m", "5", "http://refused.lab-origin.com/")
    with talking(agents.command("user", *slow(service.ca))) as curl, talking(agents.command("cable", *slow(service.ca), root=True)) as other:
        made = bundle(out, "--agent", "user")
    assert FILES | {"pins.json"} <= made.names and made.missing == {} and made.result.returncode == 0
    # The one that nobody asked for has none.
    assert {name for name, _ in made.pins("user")} == {"web.lab-origin.com"}
    assert {str(ipaddress.ip_address(address)) for _, address in made.pins("user")} <= web_addresses()
    assert [agent["name"] for agent in made.manifest["agents"]] == ["user"]
    assert made.manifest["agents"][0]["gateway"] == {"pid": service.process.pid, "start": start_time(service.process.pid), "alive": True}

    processes = {process["pid"]: process for process in made.json("processes.json")["processes"]}
    assert curl.pid in processes and other.pid not in processes and os.getpid() not in processes
    found = processes[curl.pid]
    assert (found["comm"], found["exe"], found["argv0"], found["side"]) == ("curl", "/usr/bin/curl", "curl", "agent")
    assert found["arguments"] == len(slow(service.ca)) and found["start"] > 0
    assert processes[service.process.pid]["side"] == "gateway"

    flows = made.json("flows.json")["flows"]
    assert all(flow["agents"] == ["user"] for flow in flows if flow["side"] == "agent")
    mine = [flow for flow in flows if [process["pid"] for process in flow["processes"]] == [curl.pid]]
    assert [(flow["verdict"], flow["state"], flow["protocol"]) for flow in mine] == [("intercepted", "ESTABLISHED", "tcp")]
    assert mine[0]["to"].rsplit(":", 1)[0].strip("[]") in web_addresses() and mine[0]["to"].endswith(":443")
    # The other half: the gateway's own connection to the server.
    upstream = [flow for flow in flows if service.process.pid in [process["pid"] for process in flow["processes"]]
                and flow["to"].endswith(":443")]
    assert upstream and all(flow["side"] == "gateway" and flow["verdict"] is None for flow in upstream)

    sockets = made.json("sockets.json")["sockets"]
    held = [socket for socket in sockets if socket["pids"] == [curl.pid] and socket["protocol"] == "tcp"]
    assert held and held[0]["state"] == "ESTAB" and held[0]["uid"] == 65534 and held[0]["mark"] == "0x50430105"
    assert not [socket for socket in sockets if other.pid in socket["pids"]]

    tracked = made.json("conntrack.json")["flows"]
    marked = [flow for flow in tracked if flow["mark"] == "0x50430101" and flow["tcp_state"] == "ESTABLISHED"]
    assert marked and "ASSURED" in marked[0]["status"]
    assert not [flow for flow in tracked if flow["mark"] not in ("0x00000000", "0x50430101", "0x50430103", "0x50430104")]

    subjects = [(line["agent_name"], line["action"]) for line in made.check_log()]
    assert ("user", "allow") in subjects and ("user", "deny") in subjects
    assert made.manifest["logs"][0]["open_in_gateway"] is True

    ruleset = (out / "ruleset.nft").read_text()
    assert "table inet portcullis {" in ruleset and "meta skuid 65534" in ruleset and "table inet lab" not in ruleset
    system = made.json("system.json")
    assert "uplink0" in [link["name"] for link in system["network_namespaces"][0]["links"]]
    assert system["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    policy = made.manifest["policies"][0]
    assert policy["files"][0]["sha256_when_loaded"] == policy["files"][0]["sha256_now"] \
        == hashlib.sha256(service.policy.read_bytes()).hexdigest()
    check = module.sh(module.PORTCULLIS, "policy", "check", str(service.policy)).stdout
    assert (out / "policy.txt").read_text().splitlines()[:4] == check.splitlines()[:4]
    assert "web.lab-origin.com" in (out / "policy.yaml").read_text()


def start_time(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def test_a_control_group_and_those_below_it(agents, service, out):
    with talking(agents.command("cgroup", *slow(service.ca))) as curl:
        made = bundle(out, "--agent", "cgroup")
    processes = {process["pid"]: process for process in made.json("processes.json")["processes"]}
    assert processes[curl.pid]["cgroup"].endswith("/agent/deeper") and processes[curl.pid]["agents"] == ["cgroup"]
    assert set(processes) == {curl.pid, service.process.pid}
    assert curl.pid in [process["pid"] for flow in made.json("flows.json")["flows"] for process in flow["processes"]]


def test_a_namespace_behind_a_cable(agents, service, out):
    """Flows and sockets are in the agent's namespace and in the gateway's, which nothing leads to but the gateway's process."""
    with talking(agents.command("cable", *slow(service.ca))) as curl:
        made = bundle(out, "--agent", "cable")
        assert {name for name, _ in made.pins("cable")} == {"web.lab-origin.com"}
        inside = os.stat(f"/proc/{curl.pid}/ns/net").st_ino
    assert made.missing == {}
    places = made.manifest["agents"][0]["network_namespaces"]
    assert len(places) == 3 and {"number": inside, "shared": False} in places
    flows = made.json("flows.json")["flows"]
    gateways = [place["number"] for place in places if not place["shared"] and place["number"] != inside]
    assert [flow for flow in flows if flow["network_namespace"] in gateways and flow["verdict"] == "intercepted"
            and flow["state"] == "ESTABLISHED"]
    links = {place["number"]: {link["name"] for link in place["links"]} for place in made.json("system.json")["network_namespaces"]}
    assert "agent0" in links[gateways[0]] and "eth0" in links[inside]
    assert curl.pid in [process["pid"] for process in made.json("processes.json")["processes"]]


def test_a_jail(lab, out):
    policy = lab.policy("version: 1\n" + RULES, f"jail-{time.monotonic_ns()}")
    seen = out.with_suffix(".seen")
    # What a status file says of the command is not in a bundle, either.
    command = ["sh", "-c", f"curl -sSN -m 60 https://web.lab-origin.com/slow > {seen}", f"--token={ARGUMENT}"]
    with lab.jailed(*command, policy=policy, env=os.environ | {"AGENT_SECRET": VARIABLE}) as jail:
        wait_for(lambda: seen.exists() and seen.stat().st_size > 0)
        made = bundle(out, "--agent", "jail")
        assert {name for name, _ in made.pins("jail")} == {"web.lab-origin.com"}
        processes = made.json("processes.json")["processes"]
        curl = next(process for process in processes if process["comm"] == "curl")
        assert os.stat(f"/proc/{curl['pid']}/ns/pid").st_ino == made.manifest["agents"][0]["process_namespace"]
    assert made.missing == {} and made.result.returncode == 0 and FILES <= made.names
    assert not [secret for secret in SECRETS if secret.encode() in made.text()]
    assert {process["side"] for process in processes if process["pid"] == jail.pid} == {"gateway"}
    assert {process["comm"] for process in processes if process["side"] == "agent"} == {"portcullis", "sh", "curl"}
    assert any(line["action"] == "allow" and "/slow" in line["subject"] for line in made.check_log())
    flows = made.json("flows.json")["flows"]
    assert [flow for flow in flows if flow["verdict"] == "intercepted" and flow["state"] == "ESTABLISHED"]
    assert [flow for flow in flows if flow["side"] == "gateway" and flow["verdict"] is None]
    ruleset = (out / "ruleset.nft").read_text()
    assert "agent0" in ruleset
    sockets = made.json("sockets.json")["sockets"]
    assert [socket for socket in sockets if socket["pids"] == [curl["pid"]] and socket["state"] == "ESTAB"]


def test_all_of_them(lab, service, out):
    policy = lab.policy("version: 1\n", f"none-{time.monotonic_ns()}")
    with lab.jailed("sleep", "60", policy=policy, options=["--name", "ci"]) as jail:
        wait_for(lambda: os.path.exists(f"/run/portcullis/control.{jail.pid}.sock"))
        made = bundle(out, "--all", "--json")
        told = json.loads(made.result.stdout)
    names = [agent["name"] for agent in made.manifest["agents"]]
    assert sorted(names) == sorted(["user", "cgroup", "cable", "ci"])
    assert {"decisions.jsonl", "decisions-2.jsonl", "policy.yaml", "policy-2.yaml", "policy-2.txt"} <= made.names
    by_agent = {tuple(log["agents"]): index for index, log in enumerate(made.manifest["logs"])}
    made.check_log(by_agent[("cable", "cgroup", "user")])
    made.check_log(by_agent[("ci",)])
    assert told["folder"] == str(out) and told["complete"] is made.manifest["complete"]
    assert {file["name"] for file in told["files"]} == made.names - {"SHA256SUMS"}
    assert told["missing"] == [] and made.missing == {}
    assert made.pins("ci") == set()


def test_jails_of_one_name(lab, out):
    policy = lab.policy("version: 1\n" + RULES, f"twins-{time.monotonic_ns()}")
    with lab.jailed("sh", "-c", "getent hosts web.lab-origin.com; sleep 60", policy=policy, options=["--name", "twin"]) as one:
        with lab.jailed("sleep", "60", policy=policy, options=["--name", "twin"]) as two:
            wait_for(lambda: all(os.path.exists(f"/run/portcullis/control.{jail.pid}.sock") for jail in (one, two)))
            wait_for(lambda: module.read_decisions(one.decision_log))
            made = bundle(out, "--agent", "twin")
    assert made.missing == {}
    assert {agent["gateway"]["pid"] for agent in made.manifest["agents"]} == {one.pid, two.pid}
    assert sorted(len(entry["pins"]) > 0 for entry in made.json("pins.json")["agents"]) == [False, True]


# Of a sealed agent


def drop(agent):
    module.sh(module.PORTCULLIS, "drop", "--agent", agent, "--reason", "it asked for the customers' table")


def lift(agent):
    module.sh(module.PORTCULLIS, "raise", "--agent", agent, "--reason", "looked into")


def check_seal(made, agent):
    record = (made.folder / "seals" / agent).read_text()
    assert record.startswith(f"portcullis-seal 1\nagent {agent}\ncause command\n") and "customers' table" in record, record
    entry = next(log for log in made.manifest["logs"] if log["file"] == "kill-switch.jsonl")
    line = [line for line in made.check_log(made.manifest["logs"].index(entry)) if line["agent"] == agent][-1]
    assert (line["event"], line["cause"], line["uid"]) == ("drop", "command", 0) and "customers' table" in line["reason"]


def test_a_sealed_agent(agents, service, out):
    drop("user")
    try:
        made = bundle(out, "--agent", "user")
        other = bundle(out.with_suffix(".other"), "--agent", "cgroup")
    finally:
        lift("user")
    assert made.missing == {} and made.result.returncode == 0
    check_seal(made, "user")
    seal = (out / "ruleset.nft").read_text().partition("table inet portcullis_seal_user {")[2].partition("\n}")[0]
    assert "hook output" in seal and "flags dormant" not in seal
    asleep = (out / "ruleset.nft").read_text().partition("table inet portcullis_seal_cgroup {")[2].partition("\n}")[0]
    assert "flags dormant" in asleep
    # The seals of others are not in it.
    assert not [name for name in other.names if name.startswith("seals/")]


def test_a_sealed_jail_that_has_ended(lab, out):
    policy = lab.policy("version: 1\n" + RULES, f"ended-{time.monotonic_ns()}")
    with lab.jailed("sleep", "60", policy=policy, options=["--name", "ended"]) as jail:
        wait_for(lambda: os.path.exists(f"/run/portcullis/control.{jail.pid}.sock"))
        module.sh(module.PORTCULLIS, "drop", "--agent", "ended", "--reason", "it asked for the customers' table", "--kill")
        jail.wait(10)
    try:
        made = bundle(out, "--agent", "ended")
    finally:
        lift("ended")
    check_seal(made, "ended")
    assert made.missing["pins.json, agent ended"] == made.missing["decisions.jsonl, agent ended"] == "no gateway is known"


def test_who_made_it(lab, service, out):
    made = bundle(out, "--agent", "user", env=os.environ | {"SUDO_USER": "operator"})
    assert made.manifest["by"]["uid"] == 0 and made.manifest["by"]["sudo_user"] == "operator"
    since = made.manifest["since"]
    assert (since["asked"], since["seconds"]) == ("10m", 600)
    created = datetime.datetime.fromisoformat(made.manifest["created"])
    assert created - datetime.datetime.fromisoformat(since["from"]) == datetime.timedelta(minutes=10)
    assert abs(created - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(minutes=1)


# What is not in it


def test_no_secrets(agents, lab, service, out):
    """As an argument, in the environment, in a URL's path, in the policy, and the key that signs."""
    keys = [path.read_bytes() for path in service.authority.rglob("*") if b"PRIVATE KEY" in path.read_bytes()]
    assert keys, "the authority has no key to look for"
    title = shlex.join([f"--token={ARGUMENT}"])
    environment = os.environ | {"AGENT_SECRET": VARIABLE}
    agents.run("user", "curl", "-sS", "-m", "5", "--cacert", service.ca, f"https://web.lab-origin.com/hooks/{PATH}/x")
    agents.run("user", "curl", "-sS", "-m", "5", "--cacert", service.ca, f"https://web.lab-origin.com/refused/{PATH}")
    held = agents.command("user", sys.executable, "-c", "import time; print('x', flush=True); time.sleep(60)", f"--token={ARGUMENT}")
    # A title that is one word, as servers and node write it over their command lines.
    named = agents.command("user", "bash", "-c", f"echo x; exec -a 'server {title}' sleep 60")
    alone = agents.command("user", "bash", "-c", f"echo x; exec -a '{ARGUMENT}' sleep 60")
    with talking(held, env=environment) as process, talking(named, env=environment) as one, talking(alone, env=environment) as two:
        wait_for(lambda: [Path(f"/proc/{pid}/comm").read_text() for pid in (one.pid, two.pid)] == ["sleep\n"] * 2)
        assert ARGUMENT in Path(f"/proc/{one.pid}/cmdline").read_text()
        made = bundle(out, "--agent", "user")
    assert made.missing == {}
    found = {entry["pid"]: entry for entry in made.json("processes.json")["processes"]}
    assert found[process.pid]["arguments"] == 4 and found[process.pid]["argv0"] == sys.executable
    assert [found[pid]["argv0"] for pid in (one.pid, two.pid)] == ["server", f"[{len(ARGUMENT)} characters]"]
    # The requests are in it, without what they carried.
    assert any("/hooks/" in line["subject"] for line in made.check_log())
    text = made.text()
    for secret in SECRETS:
        assert secret.encode() not in text, secret
    for key in keys:
        for line in key.splitlines():
            assert len(line) < 20 or b"-----" in line or line not in text
    assert b"PRIVATE KEY" not in text and b"AGENT_SECRET" not in text


def test_a_gateway_that_is_stopped(agents, service, out):
    os.kill(service.process.pid, signal.SIGSTOP)
    try:
        made = bundle(out, "--agent", "cable")
        assert made.missing == {"pins.json, agent cable": "the gateway's answer is none"} and len(made.manifest["agents"][0]["network_namespaces"]) == 3
        states = {process["pid"]: process["state"] for process in made.json("processes.json")["processes"]}
        assert states[service.process.pid] == "T"
    finally:
        os.kill(service.process.pid, signal.SIGCONT)


# The log


def test_a_log_that_is_being_written(agents, service, out):
    """Whatever is appended meanwhile: the segment is whole lines, and the proof holds."""
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            agents.run("user", "getent", "ahostsv4", "web.lab-origin.com")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(3):
            made = bundle(out.with_name(f"{out.name}-{number}"), "--agent", "user")
            assert made.missing == {} and made.check_log()
    finally:
        stop.set()
        for thread in threads:
            thread.join()


# The folder, and what else may be asked wrongly


def refused(out, *options, code, said, since="10m"):
    before = sorted(path.name for path in out.parent.iterdir()) if out.parent.is_dir() else None
    result = collect(out, *options, since=since)
    assert result.returncode == code and said in result.stderr, (result.returncode, result.stderr)
    assert before is None or sorted(path.name for path in out.parent.iterdir()) == before
    assert result.stdout == ""


def test_a_folder_that_is_not_empty(service, out):
    out.mkdir()
    (out / "x").write_text("mine")
    refused(out, "--agent", "user", code=1, said="it is there and not empty")
    assert [path.name for path in out.iterdir()] == ["x"] and (out / "x").read_text() == "mine"


def test_an_empty_folder_is_taken(service, out):
    out.mkdir(mode=0o755)
    assert FILES <= bundle(Path(f"{out}/"), "--agent", "user").names


def test_a_file_or_a_link_in_its_place(service, lab, out):
    out.write_text("mine")
    refused(out, "--agent", "user", code=1, said="no folder")
    assert out.read_text() == "mine"
    elsewhere = lab.folder / f"elsewhere-{time.monotonic_ns()}"
    elsewhere.mkdir()
    link = out.with_suffix(".link")
    link.symlink_to(elsewhere)
    refused(link, "--agent", "user", code=1, said="no folder")
    assert list(elsewhere.iterdir()) == []


def test_nothing_to_make_it_in(service, out):
    refused(out / "deeper", "--agent", "user", code=1, said="No such file or directory")
    refused(Path("/sys/evidence"), "--agent", "user", code=1, said="no bundle was written")


def test_a_disk_that_is_full(service, lab, out):
    out.mkdir()
    module.sh("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(out))
    try:
        refused(out / "bundle", "--agent", "user", code=1, said="No space left on device")
        assert list(out.iterdir()) == []
    finally:
        module.sh("umount", str(out))


@pytest.mark.parametrize("since", ["10", "m", "0m", "-5m", "1w", "", "10m10s", "4000d"])
def test_a_time_that_is_none(service, out, since):
    refused(out, "--agent", "user", since=since, code=64 if since.startswith("-") else 2,
            said="--since")


def test_an_agent_that_is_none(service, out):
    refused(out, "--agent", "nosuch", code=2, said="no agent is called nosuch; there are: cable, cgroup, user")
    refused(out, code=2, said="--agent NAME, or --all")
    refused(out, "--agent", "user", "--all", code=64, said="exclude each other")


def test_not_for_everybody(service, out):
    result = module.sh(
        "setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", module.PORTCULLIS, "evidence", "--since", "1m",
        "-o", str(out), "--all", check=False)
    assert result.returncode == 1 and "needs root" in result.stderr and not out.exists()


def test_progress_is_for_terminals(service, out):
    result = collect(out, "--agent", "user")
    assert "collecting" not in result.stderr
    other = out.with_suffix(".tty")
    command = shlex.join([module.PORTCULLIS, "evidence", "--agent", "user", "--since", "1m", "-o", str(other)])
    shown = module.sh("script", "-qec", command, "/dev/null", check=False, stdin=subprocess.DEVNULL).stdout
    assert re.search(r"portcullis: collecting processes, sockets and flows", shown)


def test_the_help_says_what_exit_codes_mean():
    text = " ".join(module.sh(module.PORTCULLIS, "evidence", "--help").stdout.split())
    assert "Exit code: 0 for a whole bundle; 3 for one with parts missing" in text
