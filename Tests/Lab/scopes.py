"""Agents of every scope that `portcullis up` guards, in the lab's gateway namespace and around it.

    user, cgroup ─ processes of this namespace ─────────┐
    vm ── eth0 ══ tap7 (interface) ─────────────────────┤
    b2, b3 ── eth0 ══ port2, port3 ── br7 (bridge) ─────┼─ this namespace ── uplink0 ══ beyond0 ── internet
    full ── eth0 ══ veth8 (a namespace with a network) ─┤
    empty ── eth0 ══ agent0 ── its gateway (a cable) ───┘

The lab forwards and translates addresses, as a host of virtual machines does: without a gateway all of them reach everything.
"""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import lab as module

# Scope -> what the policy says of it.
SCOPES = {
    "user": "{ user: nobody }",
    "cgroup": "{ cgroup: %(cgroup)s/agent }",
    "interface": "{ interface: tap7 }",
    "bridge": "{ interface: br7 }",
    "veth": "{ netns: full }",
    "cable": "{ netns: empty }",
}
NAMESPACES = {"interface": "vm", "bridge": "b2", "veth": "full", "cable": "empty"}
LINKS = {"vm": ("tap7", 1), "full": ("veth8", 2)}


def mount_of_cgroups():
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if " - cgroup2 " in line:
            return Path(line.split()[4])
    raise LookupError("no cgroup2 hierarchy is mounted")


class Agents:
    """The scopes' networks, and ways to run commands in them."""

    def __init__(self, lab):
        self.lab = lab
        self.cgroup = f"portcullis-lab-{os.getpid()}"
        self.cgroups = mount_of_cgroups()

    def __enter__(self):
        sh = module.sh
        (self.cgroups / self.cgroup / "agent" / "deeper").mkdir(parents=True)
        for namespace, (link, number) in LINKS.items():
            sh("ip", "netns", "add", namespace)
            sh("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace)
            self.address(link, number)
            self.inside(namespace, number, 2)
        sh("ip", "link", "add", "br7", "type", "bridge")
        self.address("br7", 3)
        for number in (2, 3):
            sh("ip", "netns", "add", f"b{number}")
            sh("ip", "link", "add", f"port{number}", "type", "veth", "peer", "name", "eth0", "netns", f"b{number}")
            sh("ip", "link", "set", f"port{number}", "master", "br7", "up")
            self.inside(f"b{number}", 3, number)
        sh("ip", "netns", "add", "empty")
        sh("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        sh("nft", "-f", "-", input="table inet lab { chain out { type nat hook postrouting priority srcnat; "
                                   'oifname "uplink0" masquerade; }; }\n')
        return self

    def address(self, link, number):
        module.sh("ip", "addr", "add", f"10.77.{number}.1/24", "dev", link)
        module.sh("ip", "addr", "add", f"fd77:{number}::1/64", "dev", link, "nodad")
        module.sh("ip", "link", "set", link, "up")

    def inside(self, namespace, number, host):
        ip = ["ip", "-n", namespace]
        module.sh(*ip, "link", "set", "lo", "up")
        module.sh(*ip, "addr", "add", f"10.77.{number}.{host}/24", "dev", "eth0")
        module.sh(*ip, "addr", "add", f"fd77:{number}::{host}/64", "dev", "eth0", "nodad")
        module.sh(*ip, "link", "set", "eth0", "up")
        module.sh(*ip, "route", "add", "default", "via", f"10.77.{number}.1")
        module.sh(*ip, "-6", "route", "add", "default", "via", f"fd77:{number}::1")

    def command(self, scope, *command, root=False):
        """The command line that runs a command as that agent: as an ordinary user, or as root where that is the agent's own."""
        plain = [] if root else ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        if scope == "user":
            return ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", *map(str, command)]
        if scope == "cgroup":
            # Another user than the one who is guarded as a user.
            plain = [] if root else ["setpriv", "--reuid", "games", "--regid", "nogroup", "--clear-groups"]
            procs = self.cgroups / self.cgroup / "agent" / "deeper" / "cgroup.procs"
            return ["sh", "-c", f'echo $$ >{procs}; exec "$@"', "sh", *plain, *map(str, command)]
        return ["ip", "netns", "exec", NAMESPACES[scope], *plain, *map(str, command)]

    def run(self, scope, *command, root=False, timeout=30, **options):
        started = time.monotonic()
        result = subprocess.run(
            self.command(scope, *command, root=root), capture_output=True, text=True, timeout=timeout,
            stdin=options.pop("stdin", subprocess.DEVNULL), **options)
        result.seconds = time.monotonic() - started
        return result

    def policy(self, rules, scopes=SCOPES):
        agents = "".join(f"  - {{ name: {name}, scope: {SCOPES[name] % {'cgroup': self.cgroup}} }}\n" for name in scopes)
        return self.lab.policy(f"version: 1\nagents:\n{agents}{rules}", f"service-{time.monotonic_ns()}")

    def __exit__(self, *_):
        module.sh("nft", "delete", "table", "inet", "lab", check=False)
        module.sh("sysctl", "-qw", "net.ipv4.ip_forward=0", "net.ipv6.conf.all.forwarding=0", check=False)
        for namespace in ("vm", "full", "b2", "b3", "empty"):
            module.sh("ip", "netns", "del", namespace, check=False)
        for link in ("br7", "tap7", "veth8"):
            module.sh("ip", "link", "del", link, check=False)
        for _ in range(50):
            with contextlib.suppress(OSError):
                for folder in ("agent/deeper", "agent", ""):
                    (self.cgroups / self.cgroup / folder).rmdir()
            if not (self.cgroups / self.cgroup).exists():
                break
            time.sleep(0.05)


class Service:
    """A running `portcullis up`."""

    def __init__(self, agents, rules, scopes=SCOPES, options=()):
        self.agents = agents
        self.lab = agents.lab
        self.policy = agents.policy(rules, scopes)
        self.options = options
        self.log = self.lab.folder / f"service-{time.monotonic_ns()}.jsonl"
        self.authority = self.lab.folder / "service-ca"
        self.process = None

    @property
    def ca(self):
        return str(self.authority / "ca.pem")

    def start(self):
        self.process = subprocess.Popen(
            [module.PORTCULLIS, "up", "--policy", str(self.policy), "--log", str(self.log), "--ca-folder",
             str(self.authority), *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.said = []
        for line in self.process.stderr:
            self.said.append(line.strip())
            if ": ready" in line:
                return self
        raise RuntimeError("up did not start:\n" + "\n".join(self.said))

    def stop(self):
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGCONT)
            self.process.terminate()
            try:
                return self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()

    def down(self):
        return module.sh(module.PORTCULLIS, "down", check=False)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        self.down()

    @contextlib.contextmanager
    def decisions(self, scope):
        """What was decided about that agent while the body ran."""
        before = len(module.read_decisions(self.log))
        found = []
        yield found
        time.sleep(0.05)
        found += [line for line in module.read_decisions(self.log)[before:] if line.get("agent_name") == scope]
