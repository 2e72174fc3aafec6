"""The lab: three network namespaces with no way to a real network.

    jail (made by portcullis run) ── gateway (this process's namespace) ── internet (its own namespace)

The process must have been started in fresh network and mount namespaces: `Tests/Lab/run` does so. The internet answers on
public-looking addresses, so that default policies apply unchanged. Everything ends with the processes.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import authority

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Clients that Debian has not: `make deps-lab` puts them there.
PACKAGES = ROOT / ".build/lab-packages"
PORTCULLIS = os.environ.get("PORTCULLIS", str(ROOT / ".build/release/portcullis"))

UPLINK4, UPLINK6 = "81.2.69.142", "2a02:6b8::2"
BEYOND4, BEYOND6 = "81.2.69.1", "2a02:6b8::1"
RESOLVER = "9.9.9.9"

# Who lives where: name -> (IPv4, IPv6). Each address is on the internet's loopback.
HOSTS = {
    "web.lab-origin.com": ("93.184.216.34", "2606:2800:220:1::34"),
    "other.lab-origin.com": ("93.184.216.34", "2606:2800:220:1::34"),
    "api.lab-origin.com": ("93.184.216.35", "2606:2800:220:1::35"),
    "v6only.lab-origin.com": (None, "2606:2800:220:1::36"),
    "selfsigned.lab-bad.com": ("93.184.217.1", None),
    "wrongname.lab-bad.com": ("93.184.217.2", None),
    "expired.lab-bad.com": ("93.184.217.3", None),
    "notyet.lab-bad.com": ("93.184.217.4", None),
    "untrusted.lab-bad.com": ("93.184.217.5", None),
    "tls11.lab-bad.com": ("93.184.217.6", None),
    "rsakex.lab-bad.com": ("93.184.217.7", None),
    "weakkey.lab-bad.com": ("93.184.217.8", None),
    "down.lab-bad.com": ("93.184.217.9", None),
    "forbidden.lab-evil.com": ("93.184.218.1", "2606:2800:220:2::1"),
}
# Names whose answers lead where an agent must not go.
REBINDING = {
    "private.lab-evil.com": "10.0.0.5",
    "metadata.lab-evil.com": "169.254.169.254",
    "loopback.lab-evil.com": "127.0.0.1",
}
UNRESOLVED4, UNRESOLVED6 = "93.184.219.9", "2606:2800:220:3::9"
# What the two ends of the uplink say to each other by themselves: neighbour discovery and multicast reports.
NEIGHBOUR_CHATTER = "icmp6 and (ip6[40] == 143 or ip6[40] == 0 or (ip6[40] >= 133 and ip6[40] <= 137)) or ip6 proto 0"
# An address that only an explicit rule opens.
PRIVATE = "10.1.2.3"
STATE = "/var/lib/portcullis"


def sh(*command, check=True, **options):
    return subprocess.run(command, check=check, text=True, capture_output=True, **options)


class Lab:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="portcullis-lab-"))
        self.folder.chmod(0o755)
        self.processes = []
        self.internet = None
        self.root = authority.Authority("Lab Root CA")

    # Namespaces

    def start(self):
        if sh("ip", "-o", "link").stdout.count("\n") != 1:
            raise SystemExit("the lab wants a fresh network namespace: start it with Tests/Lab/run")
        sh("ip", "link", "set", "lo", "up")
        holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.processes.append(holder)
        self.internet = holder.pid
        for _ in range(200):
            if os.readlink(f"/proc/{holder.pid}/ns/net") != os.readlink("/proc/self/ns/net"):
                break
            time.sleep(0.01)
        sh("ip", "link", "add", "uplink0", "type", "veth", "peer", "name", "beyond0", "netns", str(holder.pid))
        sh("ip", "addr", "add", f"{UPLINK4}/24", "dev", "uplink0")
        sh("ip", "addr", "add", f"{UPLINK6}/64", "dev", "uplink0", "nodad")
        sh("ip", "link", "set", "uplink0", "up")
        self.inside("ip", "link", "set", "lo", "up")
        self.inside("ip", "addr", "add", f"{BEYOND4}/24", "dev", "beyond0")
        self.inside("ip", "addr", "add", f"{BEYOND6}/64", "dev", "beyond0", "nodad")
        self.inside("ip", "link", "set", "beyond0", "up")
        sh("ip", "route", "add", "default", "via", BEYOND4)
        sh("ip", "-6", "route", "add", "default", "via", BEYOND6)
        addresses = {RESOLVER, UNRESOLVED4, UNRESOLVED6, PRIVATE} | set(REBINDING.values()) - {"127.0.0.1"}
        for pair in HOSTS.values():
            addresses |= {address for address in pair if address}
        for address in sorted(addresses):
            width = 128 if ":" in address else 32
            self.inside("ip", "addr", "add", f"{address}/{width}", "dev", "lo", *(["nodad"] if width == 128 else []))
        self.mounts()
        self.resolver()
        return self

    def mounts(self):
        # Jails of other runs leave their status there.
        sh("mount", "-t", "tmpfs", "tmpfs", "/run")
        # Seals outlive everything; those of the lab must not.
        os.makedirs(STATE, exist_ok=True)
        sh("mount", "-t", "tmpfs", "tmpfs", STATE)
        resolv = self.folder / "resolv.conf"
        resolv.write_text(f"nameserver {RESOLVER}\n")
        sh("mount", "--bind", str(resolv), os.path.realpath("/etc/resolv.conf"))
        bundle = self.folder / "system-bundle.pem"
        bundle.write_bytes(Path("/etc/ssl/certs/ca-certificates.crt").read_bytes() + self.root.pem)
        sh("mount", "--bind", str(bundle), "/etc/ssl/certs/ca-certificates.crt")

    def inside(self, *command, **options):
        """Runs a command in the internet's namespace."""
        return sh("nsenter", f"--net=/proc/{self.internet}/ns/net", *command, **options)

    def spawn(self, *command, inside=True, **options):
        enter = ["nsenter", f"--net=/proc/{self.internet}/ns/net"] if inside else []
        log = open(self.folder / f"{Path(command[0]).name}-{len(self.processes)}.log", "wb")
        process = subprocess.Popen([*enter, *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, **options)
        self.processes.append(process)
        return process

    # Servers

    def resolver(self):
        lines = ["no-resolv", "no-hosts", f"listen-address={RESOLVER}", "bind-interfaces", "user=root", "local-ttl=30",
                 "no-daemon", "local=/#/", f"pid-file={self.folder}/dnsmasq.pid"]
        for host, (v4, v6) in HOSTS.items():
            lines.append("host-record=" + ",".join(part for part in (host, v4, v6) if part))
        for host, address in REBINDING.items():
            lines.append(f"host-record={host},{address}")
        # Too many for a datagram: the gateway must ask again over TCP.
        lines += [f"host-record=many.lab-origin.com,93.184.221.{n}" for n in range(1, 201)]
        lines.append("cname=alias.lab-origin.com,web.lab-origin.com")
        configuration = self.folder / "dnsmasq.conf"
        configuration.write_text("\n".join(lines) + "\n")
        self.spawn("dnsmasq", f"--conf-file={configuration}")
        self.wait_for_port(RESOLVER, 53)

    def origin(self, *arguments):
        """The lab's own origin server; see origin.py."""
        return self.spawn(sys.executable, str(HERE / "origin.py"), *map(str, arguments))

    def certificate(self, label, *hosts, **options):
        return authority.write_pair(self.folder, label, self.root.leaf(*hosts, **options))

    def wait_for_port(self, address, port, timeout=10, protocol="tcp"):
        deadline = time.monotonic() + timeout
        family = "-6" if ":" in address else "-4"
        while time.monotonic() < deadline:
            listening = self.inside("ss", "-Hltn" if protocol == "tcp" else "-Hlun", family, f"sport = :{port}").stdout
            if listening.strip():
                return
            time.sleep(0.02)
        raise TimeoutError(f"nothing listens on {address}:{port}")

    # The product

    def policy(self, text, label="policy"):
        path = self.folder / f"{label}.yaml"
        path.write_text(text)
        return path

    def command(self, *command, policy=None, options=(), log=None):
        arguments = [PORTCULLIS, "run"]
        if policy is not None:
            arguments += ["--policy", str(policy)]
        if log is not None:
            arguments += ["--log", str(log)]
        return [*arguments, *map(str, options), "--", *map(str, command)]

    def jail(self, *command, policy=None, options=(), timeout=60, **more):
        """Runs a command in a jail and returns its result, with the decisions as `.decisions`."""
        log = self.folder / f"decisions-{time.monotonic_ns()}.jsonl"
        result = subprocess.run(
            self.command(*command, policy=policy, options=options, log=log), capture_output=True, text=True,
            timeout=timeout, stdin=more.pop("stdin", subprocess.DEVNULL), **more)
        result.decisions = read_decisions(log)
        return result

    @contextlib.contextmanager
    def jailed(self, *command, policy=None, options=(), **more):
        """A jail that goes on in the background; ends it if it has not ended by itself."""
        log = self.folder / f"decisions-{time.monotonic_ns()}.jsonl"
        process = subprocess.Popen(
            self.command(*command, policy=policy, options=options, log=log), text=True,
            stdin=more.pop("stdin", subprocess.DEVNULL), stdout=more.pop("stdout", subprocess.PIPE),
            stderr=more.pop("stderr", subprocess.PIPE), **more)
        process.decision_log = log
        try:
            yield process
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGCONT)
                process.kill()
            process.wait()

    @contextlib.contextmanager
    def capture(self, expression="", inside=True):
        """Packets that reach the internet's side while the body runs, as tcpdump's lines in `.lines`."""

        class Capture:
            lines = []

        capture = Capture()
        enter = ["nsenter", f"--net=/proc/{self.internet}/ns/net"] if inside else []
        process = subprocess.Popen(
            [*enter, "tcpdump", "-lnn", "-i", "beyond0" if inside else "uplink0", "--immediate-mode", "-t",
             f"not arp and not ({NEIGHBOUR_CHATTER})" + (f" and ({expression})" if expression else "")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "listening on" in line:
                break
        else:
            # A filter that is not one would see nothing, and every test would pass.
            raise ValueError(f"tcpdump does not take {expression!r}")
        try:
            yield capture
        finally:
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            capture.lines = [line for line in process.communicate()[0].splitlines() if line.strip()]

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        sh("umount", STATE, check=False)
        with contextlib.suppress(OSError):
            os.rmdir(STATE)


def read_decisions(log):
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_text().splitlines()]


def reasons(decisions):
    return [decision.get("reason") for decision in decisions if decision["action"] == "deny"]


def number(pattern, text):
    found = re.search(pattern, text)
    return int(found.group(1)) if found else None
