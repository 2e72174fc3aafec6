"""No way around by rights: marks, other users' programs, another namespace, root over the agent's own network, other identities."""

import re
import subprocess
import time

import lab as module
import pytest
from bypass import EVERYBODY, QUICK, ROOTED, Field
from lab import HERE, HOSTS, UNRESOLVED4, UNRESOLVED6
from test_bypass_protocols import place

rooted = pytest.mark.parametrize("scope", ROOTED)
OUT = f"host {UNRESOLVED4} or host {UNRESOLVED6}"


@pytest.fixture(scope="module")
def field(lab):
    with Field(lab) as made:
        yield made


def marks():
    """Every mark that the ruleset speaks of, as numbers, with those of all agents and a few of nobody's."""
    kinds = {int(word, 16) for name in ("gateway.nft", "host.nft", "scope.nft")
             for word in re.findall(r"0x5043[0-9a-f]{4}\b", (HERE.parent.parent / "nft" / name).read_text())}
    return sorted(kinds | {0x50430000 | number << 8 | kind for number in range(9) for kind in range(1, 6)} | {0, 1, 0xffffffff})


MARKED = """
import socket, sys
for mark in sys.argv[2:]:
    for family, address in ((socket.AF_INET, "%s"), (socket.AF_INET6, "%s")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            s = socket.socket(family, kind)
            s.setsockopt(socket.SOL_SOCKET, 36, int(mark) & 0x7fffffff if int(mark) < 2**31 else int(mark) - 2**32)
            s.settimeout(float(sys.argv[1]))
            try:
                s.connect((address, 443)); s.send(b"portcullis-secret"); print("connected" if kind == socket.SOCK_STREAM else "sent")
            except OSError as problem: print(type(problem).__name__)
""" % (UNRESOLVED4, UNRESOLVED6)


def test_without_a_gateway_marked_sockets_connect(field):
    result = field.run("free", "/usr/bin/python3", "-c", MARKED, 2, 1, 0x50430002, root=True)
    assert result.stdout.split() == ["connected", "sent"] * 4


@rooted
def test_no_mark_of_root_inside_is_believed(field, scope):
    with field.attempt(scope, OUT) as attempt:
        result = field.run(scope, "/usr/bin/python3", "-c", MARKED, 2, *marks(), root=True)
    assert "connected" not in result.stdout and result.returncode == 0, result.stderr
    assert attempt.arrived == [] and set(attempt.reasons) <= {"ip.not_resolved", "ip.protocol_not_allowed", "recorder.flooded"}


@pytest.mark.parametrize("scope", ["user", "cgroup"])
def test_a_user_sets_no_marks(field, scope):
    result = field.run(scope, "/usr/bin/python3", "-c", MARKED, 2, 0x50430102)
    assert "PermissionError" in result.stderr


def test_a_cgroups_root_sets_no_mark_that_helps(field):
    with field.attempt("cgroup", OUT) as attempt:
        result = field.run("cgroup", "/usr/bin/python3", "-c", MARKED, 2, *marks(), root=True)
    assert "connected" not in result.stdout and attempt.arrived == []


@pytest.mark.parametrize("scope", ["user", "cgroup"])
def test_programs_with_rights_of_their_own_are_the_agents(field, scope):
    """ping as its package has it, with a file capability; as root's with the set-user-ID bit; and curl with capabilities."""
    for name, give in (("ping", ["chmod", "4755"]), ("ping", ["setcap", "cap_net_raw=ep"]), ("curl", ["setcap", "cap_net_raw,cap_net_admin=ep"])):
        program = field.lab.folder / f"own-{name}"
        program.unlink(missing_ok=True)
        program.write_bytes(open(f"/usr/bin/{name}", "rb").read())
        program.chmod(0o755)
        module.sh(*give, str(program))
        arguments = ["-m", "1", "-c1", "-W1", UNRESOLVED4] if name == "ping" else ["-sSk", "-m", "4", f"https://{UNRESOLVED4}/hello"]
        assert module.sh(str(program), *arguments, check=False).returncode == 0
        with field.attempt(scope, OUT) as attempt:
            result = field.run(scope, program, *arguments)
        assert result.returncode != 0 and attempt.arrived == []
        assert attempt.reasons == ["ip.protocol_not_allowed" if name == "ping" else "ip.not_resolved"]


@pytest.mark.parametrize("scope", EVERYBODY)
def test_children_and_daemons_are_the_agents(field, scope):
    """A process that leaves its session and its parent; and one in a user and network namespace of its own."""
    folder = field.lab.folder / f"daemon-{scope}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    program = ("import os, socket, sys\n"
               "if os.fork(): sys.exit()\n"
               "os.setsid()\n"
               "if os.fork(): sys.exit()\n"
               "try: socket.create_connection((sys.argv[1], 443), timeout=3); outcome = 'connected'\n"
               "except OSError as problem: outcome = type(problem).__name__\n"
               "open(sys.argv[2] + '.part', 'w').write(outcome); os.rename(sys.argv[2] + '.part', sys.argv[2])\n")

    def daemon(who):
        said = folder / f"said-{who}"
        field.run(who, "/usr/bin/python3", "-c", program, UNRESOLVED4, said)
        for _ in range(100):
            if said.exists():
                return said.read_text()
            time.sleep(0.05)
        return "nothing"

    if scope == "user":
        folder.chmod(0o777)
        assert daemon("free") == "connected"
    with field.attempt(scope, OUT) as attempt:
        assert daemon(scope) == "ConnectionRefusedError"
        result = field.run(scope, "unshare", "-Urn", "sh", "-c", f"ip link set lo up; nc -zw1 {UNRESOLVED4} 443")
    assert result.returncode != 0 and attempt.arrived == [] and attempt.reasons == ["ip.not_resolved"]


@rooted
def test_root_inside_changes_nothing_outside(field, scope):
    """Rules, links, addresses and routes of the agent's own network, and back again."""
    before = module.sh("nft", "list", "ruleset").stdout
    target = f"{UNRESOLVED4},443"
    link = [line.split(": ")[1].split("@")[0] for line in field.run(scope, "ip", "-o", "link", root=True).stdout.splitlines() if ": lo:" not in line][0]
    gateway4, gateway6 = field.gateway_addresses(scope)
    steps = [
        ["nft", "flush", "ruleset"],
        ["ip", "link", "set", link, "mtu", "1280"],
        ["ip", "rule", "add", "pref", "1", "lookup", "main"],
        ["ip", "route", "add", f"{UNRESOLVED4}/32", "via", gateway4, "dev", link, "onlink"],
        ["ip", "-6", "route", "add", f"{UNRESOLVED6}/128", "via", gateway6, "dev", link],
        ["ip", "addr", "add", "81.2.69.142/32", "dev", link],
        ["ip", "addr", "add", "10.77.2.77/32", "dev", link],
        ["ip", "link", "add", "more0", "link", link, "type", "macvlan"],
        ["ip", "link", "set", "more0", "up"],
        ["sysctl", "-qw", "net.ipv4.conf.all.accept_source_route=1", "net.ipv4.ip_forward=1"],
    ]
    undo = [["ip", "rule", "del", "pref", "1"], ["ip", "route", "del", f"{UNRESOLVED4}/32"], ["ip", "-6", "route", "del", f"{UNRESOLVED6}/128"],
            ["ip", "addr", "del", "81.2.69.142/32", "dev", link], ["ip", "addr", "del", "10.77.2.77/32", "dev", link],
            ["ip", "link", "del", "more0"], ["ip", "link", "set", link, "mtu", "1500"],
            ["sysctl", "-qw", "net.ipv4.conf.all.accept_source_route=0", "net.ipv4.ip_forward=0"]]
    done = 0
    with field.attempt(scope, OUT) as attempt:
        for step in steps:
            done += field.run(scope, *step, root=True).returncode == 0
            outcome, seconds = field.tries(scope, "dial", target, root=True, patience=1).popitem()[1]
            assert outcome != "connected", step
        for source in ("81.2.69.142", "10.77.2.77"):
            result = field.run(scope, "curl", "-sSk", "-m", "1", "--interface", source, f"https://{UNRESOLVED4}/hello", root=True)
            assert result.returncode != 0
    for step in undo:
        field.run(scope, *step, root=True)
    assert done >= len(steps) - 3 and attempt.arrived == []
    assert module.sh("nft", "list", "ruleset").stdout.count("\n") == before.count("\n")
    outcome, seconds = field.tries(scope, "dial", target).popitem()[1]
    assert outcome == "ECONNREFUSED" and seconds < QUICK


def test_without_a_gateway_root_spoofs_its_neighbours(field):
    with field.lab.capture("dst host 93.184.230.1 or dst host 2606:2800:230::1") as capture:
        for family, source, destination in ((0, "10.77.9.77", "93.184.230.1"), (1, "fd77:9::77", "2606:2800:230::1")):
            field.tries("free", "spoofs", *place(field, "free", family)[:3], destination, source, root=True, program="raw_packets.py")
    assert len(capture.lines) == 6


@rooted
def test_anothers_address_is_of_no_use(field, scope):
    """A second agent's, that has a host resolved; the host's own; one of the same link; and those of nobody."""
    other = "veth" if scope != "veth" else "interface"
    field.resolve(other)
    sources = (["10.77.2.2" if other == "veth" else "10.77.1.2", "81.2.69.142", "127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1",
                UNRESOLVED4, "10.77.3.3"],
               ["fd77:2::2" if other == "veth" else "fd77:1::2", "2a02:6b8::2", "::1", "::", "ff02::1", UNRESOLVED6, "fd77:3::3", "fe80::1"])
    for family in (0, 1):
        link, own, gateway, unresolved = place(field, scope, family)
        for destination in (unresolved, HOSTS["web.lab-origin.com"][family]):
            with field.attempt(scope, f"dst host {destination} and not (port 443 and not port 4545)") as attempt:
                found = field.tries(scope, "spoofs", link, own, gateway, destination, *sources[family], root=True, program="raw_packets.py")
            assert {outcome for outcome, _ in found.values()} == {"sent"} and attempt.arrived == []


@rooted
def test_a_refusal_quotes_nothing_to_the_uplinks_neighbours(field, scope):
    """Sent from the link-local address of somebody on the uplink, it is they who would be told, and what."""
    accomplice = "fe80::bad:1"
    field.lab.inside("ip", "addr", "replace", f"{accomplice}/64", "dev", "beyond0", "nodad")
    with field.lab.capture(f"dst host {accomplice}") as control:
        module.sh("ping", "-c1", "-W1", f"{accomplice}%uplink0")
    assert control.lines != []
    link, own, gateway, unresolved = place(field, scope, 1)
    for destination in (unresolved, gateway, "2001:4860:4860::8888"):
        with field.attempt(scope, f"dst host {accomplice} or icmp6[0] == 1") as attempt:
            field.tries(scope, "spoofs", link, own, gateway, destination, accomplice, root=True, program="raw_packets.py")
        assert attempt.arrived == [], attempt.arrived


def test_a_neighbour_on_the_bridge_is_not_to_be_had(field):
    """By its hardware address, by claiming to be it or to be the gateway: frames go through the gateway or nowhere."""
    steps = ["ip link set eth0 down", "ip link set eth0 address %s", "ip link set eth0 up", "ip addr add fd77:3::2/64 dev eth0 nodad",
             "ip route add default via 10.77.3.1", "ip -6 route add default via fd77:3::1"]

    def address(namespace):
        return re.search(r"link/ether (\S+)", module.sh("ip", "-n", namespace, "link", "show", "eth0").stdout).group(1)

    own, neighbour = address("b2"), address("b3")
    gateway = re.search(r"link/ether (\S+)", module.sh("ip", "link", "show", "br7").stdout).group(1)
    try:
        for claimed in (neighbour, gateway):
            field.run("bridge", "sh", "-c", "; ".join(steps) % claimed, root=True)
            with field.attempt("bridge", OUT) as attempt:
                outcome, _ = field.tries("bridge", "dial", f"{UNRESOLVED4},443", patience=1).popitem()[1]
                echo = field.run("bridge", "ping", "-c1", "-W1", "10.77.3.3")
            assert outcome != "connected" and echo.returncode != 0 and attempt.arrived == []
    finally:
        field.run("bridge", "sh", "-c", "; ".join(steps) % own, root=True)
    # A permanent entry for the neighbour: no question is asked, the frame itself has to arrive.
    heard = subprocess.Popen(
        ["ip", "netns", "exec", "b3", "timeout", "1.5", "tcpdump", "-lnni", "eth0", "--immediate-mode", "src", "10.77.3.2", "or", "arp"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    time.sleep(0.5)
    field.run("bridge", "ip", "neigh", "replace", "10.77.3.3", "lladdr", neighbour, "dev", "eth0", "nud", "permanent", root=True)
    field.run("bridge", "ping", "-c1", "-W1", "10.77.3.3")
    field.run("bridge", "ip", "neigh", "del", "10.77.3.3", "dev", "eth0", root=True)
    assert "10.77.3.2" not in heard.communicate()[0]
    assert field.tries("bridge", "dial", f"{UNRESOLVED4},443").popitem()[1][0] == "ECONNREFUSED"
