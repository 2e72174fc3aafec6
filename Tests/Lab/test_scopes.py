"""`portcullis up`: users, cgroups, interfaces, bridges and namespaces, guarded by one service."""

import json
import os
import time

import lab as module
import pytest
from lab import HOSTS, UNRESOLVED4, UNRESOLVED6, reasons
from scopes import SCOPES, Agents, Service

RULES = """
allow:
  - host: web.lab-origin.com
  - { host: api.lab-origin.com, inspect: sni }
  - { address: 10.1.2.3/32, ports: [5432] }
"""


@pytest.fixture(scope="module")
def agents(lab):
    with Agents(lab) as made:
        yield made


@pytest.fixture(scope="module")
def service(agents):
    with Service(agents, RULES) as running:
        yield running


def cpu_seconds(process):
    """User and system time of a process, its threads included."""
    fields = open(f"/proc/{process}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


each = pytest.mark.parametrize("scope", SCOPES)
family = pytest.mark.parametrize("family", ["-4", "-6"])


@each
def test_without_the_gateway_everything_is_in_reach(agents, scope):
    """So that what follows says something. A namespace without a network has none."""
    result = agents.run(scope, "curl", "-sSk", "-m", "5", f"https://{UNRESOLVED4}/hello")
    assert (result.returncode == 0) == (scope != "cable"), result.stderr


@each
@family
def test_an_allowed_host_is_reached_inspected(agents, service, scope, family):
    with service.decisions(scope) as decisions:
        result = agents.run(scope, "curl", "-sS", family, "-m", "10", "--cacert", service.ca, "https://web.lab-origin.com/hello")
    assert result.stdout == "hello from the origin\n", result.stderr
    assert [d["subject"] for d in decisions if d["stage"] == "http"] == ["GET web.lab-origin.com/hello"]


@each
@family
def test_plain_http_is_inspected_too(agents, service, scope, family):
    result = agents.run(scope, "curl", "-sS", family, "-m", "10", "http://web.lab-origin.com/hello")
    assert result.stdout == "hello from the origin\n", result.stderr
    refused = agents.run(scope, "curl", "-sS", family, "-m", "10", "-H", "Host: other.lab-origin.com", "http://web.lab-origin.com/hello")
    assert "http.host_mismatch" in refused.stdout


@each
def test_a_refused_name_says_so(agents, service, scope):
    with agents.lab.capture() as capture:
        result = agents.run(scope, "dig", "+tries=1", "unlisted.example.org")
    assert "status: REFUSED" in result.stdout and "dns.name_not_allowed" in result.stdout
    assert capture.lines == []


@each
@pytest.mark.parametrize("address", [UNRESOLVED4, f"[{UNRESOLVED6}]"])
def test_an_address_nobody_resolved_is_refused_at_once(agents, service, scope, address):
    with agents.lab.capture() as capture, service.decisions(scope) as decisions:
        result = agents.run(scope, "curl", "-sSk", "-m", "10", f"https://{address}/hello")
    assert result.returncode == 7 and result.seconds < 3, result.stderr
    assert reasons(decisions) == ["ip.not_resolved"] and capture.lines == []


@each
def test_an_address_rule_opens_its_port_and_no_other(agents, service, scope):
    assert agents.run(scope, "curl", "-sS", "-m", "10", "http://10.1.2.3:5432/hello").stdout == "hello from the origin\n"
    with service.decisions(scope) as decisions:
        assert agents.run(scope, "nc", "-vzw2", "10.1.2.3", "5433").returncode == 1
    assert reasons(decisions) == ["ip.port_not_allowed"]


@each
def test_other_protocols_are_refused(agents, service, scope):
    with agents.lab.capture() as capture, service.decisions(scope) as decisions:
        assert agents.run(scope, "ping", "-c1", "-W2", HOSTS["web.lab-origin.com"][0]).returncode == 1
        assert agents.run(scope, "ping", "-c1", "-W2", HOSTS["web.lab-origin.com"][1]).returncode != 0
    assert set(reasons(decisions)) == {"ip.protocol_not_allowed"} and capture.lines == []


@each
def test_the_listener_cannot_be_dialled(agents, service, scope):
    table = module.sh("nft", "-j", "list", "set", "inet", "portcullis", "listener_ports").stdout
    port = json.loads(table)["nftables"][1]["set"]["elem"][0]
    for address in ("127.0.0.1", "81.2.69.142", "::1"):
        result = agents.run(scope, "nc", "-vzw2", address, port)
        assert result.returncode == 1 and result.seconds < 3, (address, result.stderr)
    # Nor by others: it is nobody's to talk to.
    assert module.sh("nc", "-vzw2", "127.0.0.1", str(port), check=False).returncode == 1


@each
@family
def test_a_host_without_inspection_is_reached_by_the_kernel(agents, service, scope, family):
    """Its own certificate arrives, and once its name is accepted the daemon has no part in it."""
    url = "https://api.lab-origin.com"
    with service.decisions(scope) as decisions:
        own = agents.run(scope, "curl", "-sS", family, "-m", "10", "--cacert", service.ca, f"{url}/hello")
        assert own.returncode == 60, own.stdout
        before = cpu_seconds(service.process.pid)
        fetched = agents.run(scope, "curl", "-sS", family, "-m", "60", "--cacert", str(agents.lab.folder / "system-bundle.pem"),
                             "-o", "/dev/null", "-w", "%{size_download}", f"{url}/big/200000000")
    assert fetched.stdout == "200000000", fetched.stderr
    if scope != "cable":  # whose gateway relays
        assert cpu_seconds(service.process.pid) - before < 0.05
    assert [d["action"] for d in decisions if d["stage"] == "tls"] == ["allow", "allow"]


@each
@family
def test_its_name_must_be_resolved_to_the_address(agents, service, scope, family):
    address = HOSTS["api.lab-origin.com"][family == "-6"]
    shown = f"[{address}]" if family == "-6" else address
    agents.run(scope, "dig", "+short", "api.lab-origin.com", "aaaa" if family == "-6" else "a")
    for name in ("web.lab-origin.com", "unlisted.lab-origin.com"):
        with agents.lab.capture("(tcp[tcpflags] & tcp-push != 0) or (ip6 and ip6[53] & 8 != 0)") as capture:
            with service.decisions(scope) as decisions:
                result = agents.run(scope, "curl", "-sSk", "-m", "5", "--resolve", f"{name}:443:{shown}", f"https://{name}/hello")
        assert result.seconds < 3 and "hello from the origin" not in result.stdout
        assert "tls.sni_mismatch" in reasons(decisions) and capture.lines == []


def test_others_are_left_alone(agents, service):
    with agents.lab.capture() as capture:
        assert module.sh("curl", "-sSk", "-m", "5", f"https://{UNRESOLVED4}/hello").stdout == "hello from the origin\n"
        assert module.sh("ping", "-c1", "-W1", UNRESOLVED4).returncode == 0
    assert len(capture.lines) > 2


def test_scopes_share_no_pins(agents, service):
    """Each dials an address that another one was given."""
    address = HOSTS["web.lab-origin.com"][0]
    pairs = [("interface", "bridge"), ("user", "cgroup")]
    for asking, dialling in pairs:
        service.stop()
        service.start()
        assert agents.run(asking, "dig", "+short", "web.lab-origin.com").stdout.strip() == address
        resolve = ["--resolve", f"web.lab-origin.com:443:{address}"]
        fetch = ["curl", "-sS", "-m", "5", "--cacert", service.ca, *resolve, "https://web.lab-origin.com/hello"]
        with service.decisions(dialling) as decisions:
            assert agents.run(dialling, *fetch).returncode == 7
        assert reasons(decisions) == ["ip.not_resolved"]
        assert agents.run(asking, *fetch).returncode == 0


def test_ports_of_a_bridge_reach_each_other_through_the_gateway_or_not_at_all(agents, service):
    assert agents.run("bridge", "ping", "-c1", "-W1", "10.77.3.3").returncode == 1
    module.sh("ip", "netns", "add", "late")
    try:
        module.sh("ip", "link", "add", "port9", "type", "veth", "peer", "name", "eth0", "netns", "late")
        module.sh("ip", "link", "set", "port9", "master", "br7", "up")
        agents.inside("late", 3, 9)
        time.sleep(1)
        late = module.sh("ip", "netns", "exec", "late", "ping", "-c1", "-W1", "10.77.3.2", check=False)
        assert late.returncode == 1
    finally:
        module.sh("ip", "netns", "del", "late")


def test_status_names_every_agent(agents, service):
    result = module.sh(module.PORTCULLIS, "status", "--json")
    state = json.loads(result.stdout.splitlines()[-1])
    assert [agent["name"] for agent in state["agents"]] == list(SCOPES)
    assert state["packet_queue"] in ("nft queue", "xtables NFQUEUE")
    assert module.sh(module.PORTCULLIS, "down", check=False).returncode == 1


def test_the_service_is_another_user_with_two_capabilities(service):
    text = open(f"/proc/{service.process.pid}/status").read()
    fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    assert fields["Uid"].split()[0] != "0" and int(fields["CapEff"], 16) == 1 << 12 | 1 << 13
    assert oct(os.stat(service.authority / "key.pem").st_mode & 0o777) == "0o600"
    assert oct(os.stat(service.authority / "ca.pem").st_mode & 0o777) == "0o644"


def test_a_set_user_id_program_is_its_callers(agents, service):
    """It sends as root, and is judged as the agent all the same."""
    program = agents.lab.folder / "setuid-curl"
    program.write_bytes(open("/usr/bin/curl", "rb").read())
    program.chmod(0o4755)
    with agents.lab.capture() as capture, service.decisions("user") as decisions:
        result = agents.run("user", program, "-sSk", "-m", "5", f"https://{UNRESOLVED4}/hello")
        inspected = agents.run("user", program, "-sS", "-m", "5", "--cacert", service.ca, "https://web.lab-origin.com/hello")
    assert result.returncode == 7 and reasons(decisions) == ["ip.not_resolved"]
    assert inspected.stdout == "hello from the origin\n"
    assert [line for line in capture.lines if UNRESOLVED4 in line] == []
    assert json.loads(module.sh(module.PORTCULLIS, "status", "--json").stdout.splitlines()[-1])["setuid_programs"] == "covered"
