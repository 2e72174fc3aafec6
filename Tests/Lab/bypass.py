"""What the "No way around" tests share: an agent of every scope, and attempts that are watched from both ends.

An attempt is made by the agent, as its user or as root of its own network, with `attempts.py` or with a tool. It is watched
on the internet's side of the uplink, in the decision log, and by the clock. `free` is nobody's agent, on a link like the
others': what does not work from there says nothing about the gateway.
"""

import contextlib
import json
import subprocess
import time

import lab as module
from lab import HERE, HOSTS, PACKAGES, reasons
from scopes import SCOPES, Agents, Service

RULES = """
allow:
  - host: web.lab-origin.com
  - { host: api.lab-origin.com, inspect: sni }
  - { address: 10.1.2.3/32, ports: [5432] }
"""
EVERYBODY = [*SCOPES, "jail"]
# Agents with a network of their own, that root inside may do with as it likes.
ROOTED = ["interface", "bridge", "veth", "cable", "jail"]
# Their flows to uninspected hosts are forwarded by the kernel; those of the others are relayed.
FORWARDED = ["user", "cgroup", "interface", "bridge", "veth"]
NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"}
# How long a refusal may take. None should come near; a hang takes longer.
QUICK = 3


class Attempt:
    """What came of one: `arrived` is what the other side saw, `decisions` and `reasons` what the log says."""

    arrived = ()
    decisions = ()
    reasons = ()


class Field:
    """Agents of every scope under one policy, a jail among them."""

    def __init__(self, lab, rules=RULES, scopes=SCOPES, jail=True):
        self.lab = lab
        self.rules = rules
        self.scopes = scopes
        self.has_jail = jail
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        with self.stack:
            self.agents = self.stack.enter_context(Agents(self.lab))
            self.free()
            self.service = self.stack.enter_context(Service(self.agents, self.rules, self.scopes))
            if self.has_jail:
                policy = self.lab.policy(f"version: 1\n{self.rules}", "bypass-jail")
                self.jail = self.stack.enter_context(self.lab.jailed("sleep", "infinity", policy=policy))
                self.jail_pid = self.first_process()
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *problem):
        return self.stack.__exit__(*problem)

    def free(self):
        module.sh("ip", "netns", "add", "free")
        self.stack.callback(module.sh, "ip", "netns", "del", "free", check=False)
        module.sh("ip", "link", "add", "free9", "type", "veth", "peer", "name", "eth0", "netns", "free")
        self.agents.address("free9", 9)
        self.agents.inside("free", 9, 2)

    def first_process(self):
        for _ in range(200):
            found = subprocess.run(["pgrep", "-P", str(self.jail.pid)], capture_output=True, text=True).stdout.split()
            if found:
                time.sleep(0.3)
                return int(found[0])
            time.sleep(0.02)
        raise TimeoutError("the jail has no process")

    # What an agent does

    def command(self, scope, *command, root=False):
        command = [*([] if root else NOBODY), *map(str, command)]
        if scope == "free":
            return ["ip", "netns", "exec", "free", *command]
        if scope == "jail":
            return ["nsenter", "--mount", "--net", "-t", str(self.jail_pid), *command]
        return self.agents.command(scope, *command[0 if root else len(NOBODY):], root=root)

    def run(self, scope, *command, root=False, timeout=30, **options):
        started = time.monotonic()
        result = subprocess.run(
            self.command(scope, *command, root=root), capture_output=True, text=True, timeout=timeout,
            stdin=options.pop("stdin", None if "input" in options else subprocess.DEVNULL), **options)
        result.seconds = time.monotonic() - started
        return result

    def start(self, scope, *command, root=False, **options):
        """A process of the agent's that goes on until the field is left; give its end to the caller by `.kill()`."""
        process = subprocess.Popen(
            self.command(scope, *command, root=root), stdin=subprocess.DEVNULL, stdout=options.pop("stdout", subprocess.DEVNULL),
            stderr=options.pop("stderr", subprocess.DEVNULL), text=True, **options)

        def end():
            if process.poll() is None:
                process.kill()
            process.wait()

        self.stack.callback(end)
        return process

    def tries(self, scope, what, *arguments, root=False, program="attempts.py", patience=5):
        """Has the agent try things with `attempts.py`; returns {thing: (outcome, seconds)}."""
        result = self.run(scope, "/usr/bin/python3", HERE / program, what, *arguments, root=root, timeout=90,
                          env={**ENVIRONMENT, "PATIENCE": str(patience)})
        assert result.returncode == 0, result.stderr
        return {line["what"]: (line["outcome"], line["seconds"]) for line in map(json.loads, result.stdout.splitlines())}

    def resolve(self, scope, *hosts):
        """Has the agent ask for names, so that their addresses are pinned for it."""
        for host in hosts or ("web.lab-origin.com", "api.lab-origin.com"):
            for kind in ("a", "aaaa"):
                assert self.run(scope, "dig", "+short", host, kind).stdout.strip() in HOSTS[host]

    def gateway_addresses(self, scope):
        """The other end of the agent's link."""
        number = {"interface": 1, "veth": 2, "bridge": 3, "free": 9}.get(scope)
        if number:
            return f"10.77.{number}.1", f"fd77:{number}::1"
        if scope in ("user", "cgroup"):
            return module.UPLINK4, module.UPLINK6
        found = []
        for family in ("-4", "-6"):
            words = self.run(scope, "ip", family, "route", "show", "default", root=True).stdout.split()
            found.append(words[words.index("via") + 1])
        return tuple(found)

    # What is seen of it

    @contextlib.contextmanager
    def decided(self, scope):
        """As an attempt, but for the log alone: within one that watches the wire."""
        found = Attempt()
        log = self.jail.decision_log if scope == "jail" else self.service.log
        before = len(module.read_decisions(log))
        yield found
        lines = module.read_decisions(log)[before:]
        found.decisions = lines if scope == "jail" else [line for line in lines if line.get("agent_name") == scope]
        found.reasons = reasons(found.decisions)

    @contextlib.contextmanager
    def attempt(self, scope, expression="", inside=True):
        with self.decided(scope) as found:
            with self.lab.capture(expression, inside=inside) as capture:
                yield found
            found.arrived = capture.lines


def either(family, pair):
    """The address of that family: `-4` or `-6`."""
    return pair[family == "-6"]


def url_host(address):
    return f"[{address}]" if ":" in address else address


def assert_datagrams_refused(found):
    """At once, up to the kernel's limit on ICMP errors (`icmp_ratelimit`: six, then one a second)."""
    told = [outcome for outcome, _ in found.values() if outcome in ("EACCES", "EHOSTUNREACH", "ECONNREFUSED", "EPERM")]
    assert told and len(told) + [outcome for outcome, _ in found.values()].count("TimeoutError") == len(found), found
