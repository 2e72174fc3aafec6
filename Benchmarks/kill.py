"""How long after the kill switch is pulled a packet still gets through, against the bare netlink transaction from C.

    sudo make bench-kill                       all of it; ROUNDS (1000), RATE (20000) and FLOWS (10000) by environment
    Tests/Lab/run --program ../../Benchmarks/kill.py [CASE ...]

10,000 connections of one agent are open through a host that only forwards them, and 20,000 packets a second go each way;
an agent beside it has a tenth of that. Every round seals the first one, and looks when the last of its packets arrived
at either end, by the kernel's stamps and on the clock that the trigger was timed with. New connections are tried all
the while; in one case the daemon is stopped meanwhile and goes on afterwards, so that some wait in its queue when the seal
comes, and get their verdicts later.

    vm (guarded) ── tap7 ──┐
                           ├── this namespace: portcullis up ── uplink0 ── internet, 10.1.2.3
    b2 (beside)  ── br7 ───┘

Fails when a packet arrived after `portcullis drop` had returned, or when the agent beside lost one.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "Lab"))
import lab as module  # noqa: E402
from scopes import Agents, Service  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "1000"))
RATE = int(os.environ.get("RATE", "20000"))
FLOWS = int(os.environ.get("FLOWS", "10000"))
PORT = 5432
GUARDED, BESIDE = "interface", "bridge"
RULES = f"allow:\n  - {{ address: {module.PRIVATE}/32, ports: [{PORT}] }}\n"
TABLE = f"portcullis_seal_{GUARDED}"
# Without a gateway: a table of the same shape, two rules in every hook that a packet passes.
STAND_IN = f"table inet {TABLE} {{\n    flags dormant;\n" + "".join(
    f"    chain {hook}_{at} {{\n        type filter hook {hook} priority {priority}; policy accept;\n"
    '        iifname "tap7" drop\n' + ('        oifname "tap7" drop\n' if hook != "prerouting" else "") + "    }\n"
    for hook in ("prerouting", "forward", "postrouting") for at, priority in (("first", -500), ("last", 500))) + "}\n"
# What the three kernels behind the traffic must not answer: it has no sockets.
QUIET = f"table inet quiet {{ chain in {{ type filter hook prerouting priority -450; tcp dport {PORT} drop; tcp sport {PORT} drop; }}; }}\n"
SETTLE_SECONDS = 0.02


class Talker:
    """A program that answers each line with a line of JSON."""

    def __init__(self, *command):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[0]} has ended: {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class Bench:
    def __init__(self, lab):
        self.lab = lab
        self.trigger = Talker(lab.folder / "trigger")
        self.traffic = None
        self.service = None

    # Traffic

    def start_traffic(self):
        self.traffic = Talker(
            self.lab.folder / "traffic", "/run/netns/vm", "/run/netns/b2", f"/proc/{self.lab.internet}/ns/net", module.PRIVATE,
            FLOWS, RATE)
        self.traffic.hear()
        self.open("establish")
        self.traffic.say("start")
        self.wait_until_it_flows()

    def open(self, how):
        found = self.traffic.say(how)
        wanted = FLOWS + FLOWS // 100
        if found["established"] != wanted:
            raise RuntimeError(f"{found['established']} of {wanted} connections are open: {found}")

    def wait_until_it_flows(self):
        if not self.traffic.say("flowing", 5)["flowing"]:
            raise RuntimeError("nothing flows any more")

    def stop_traffic(self):
        totals = self.traffic.say("totals")
        self.traffic.close()
        if totals["not_seen"]:
            raise RuntimeError(f"the packet sockets lost {totals['not_seen']} packets: the counts mean nothing")
        return sum(totals[stream][0] - totals[stream][1] for stream in ("beside_out", "beside_in"))

    # Triggers

    def wake(self):
        return self.trigger.say("wake", TABLE)

    def sleep(self):
        answer = self.trigger.say("sleep", TABLE)
        if answer["status"]:
            raise RuntimeError(f"{TABLE} is not put to sleep: {os.strerror(answer['status'])}")

    def load(self):
        """`nft -f` of the rules that are asleep in the kernel, awake."""
        return self.trigger.say("run", "nft", "-f", self.rules_file)

    def drop(self):
        return self.trigger.say("run", module.PORTCULLIS, "drop", "--agent", GUARDED, "--reason", "bench")

    def drop_while_packets_wait(self):
        """The daemon is stopped a moment before, and its verdicts come when the command has long returned."""
        process = self.service.process.pid
        os.kill(process, signal.SIGSTOP)
        try:
            time.sleep(0.01)
            waiting = sum(int(line.split()[2]) for line in Path("/proc/net/netfilter/nfnetlink_queue").read_text().splitlines())
            if not waiting:
                raise RuntimeError("no packet waits in the queue")
            return self.drop()
        finally:
            os.kill(process, signal.SIGCONT)

    def signal(self):
        return self.trigger.say("signal", self.service.process.pid)

    def lift(self):
        result = module.sh(module.PORTCULLIS, "raise", "--agent", GUARDED, "--reason", "bench", check=False)
        if result.returncode:
            raise RuntimeError(f"raise: {result.stdout}{result.stderr}")
        # The agent's connections are forgotten with a seal.
        self.open("reopen")

    def keep_rules(self):
        rules = module.sh("nft", "list", "table", "inet", TABLE).stdout
        if "flags dormant" not in rules:
            raise RuntimeError(f"{TABLE} is not asleep:\n{rules}")
        self.rules_file = self.lab.folder / "awake.nft"
        awake = re.sub(r"^\s*flags dormant;?\n", "", rules, flags=re.M)
        self.rules_file.write_text(f"table inet {TABLE}\ndelete table inet {TABLE}\n{awake}")

    # Cases

    def rounds(self, pull, back, count=ROUNDS):
        results = []
        for _ in range(count):
            self.wait_until_it_flows()
            pulled = pull()
            if pulled["status"]:
                raise RuntimeError(f"{pull.__name__}: status {pulled['status']}")
            for _ in range(50):
                time.sleep(SETTLE_SECONDS)
                found = self.traffic.say("round", pulled["before"], pulled["after"])
                # On a busy machine the sender may have been kept waiting: without a packet sent nothing is known.
                if found["first_lost"]:
                    break
            else:
                raise RuntimeError(f"{pull.__name__} has not sealed: {pulled}, {found}")
            results.append({
                # Nothing since: the last one had arrived before.
                "last": max(0, found["last"] - pulled["before"]) / 1e3,
                # What was sent next, and did not arrive: the cut is between the two.
                "lost": max(0, found["first_lost"] - pulled["before"]) / 1e3,
                "took": (pulled["after"] - pulled["before"]) / 1e3,
                "after": found["after"], "sent_after": found["sent_after"]})
            back()
        return results

    def case(self, pull, back, count=ROUNDS, beside_is_guarded=True, is_stopped=False):
        """Rounds under a running service.

        is_stopped: keeps the daemon from having a part in it: it takes a table that somebody else wakes for a seal, writes it
        down, and wakes it again when it is put to sleep without a raise.
        """
        if pull is None:
            self.start_traffic()
            time.sleep(5)
            return [], self.stop_traffic()
        with Service(Agents.current, RULES, scopes=[GUARDED, BESIDE] if beside_is_guarded else [GUARDED]) as self.service:
            if pull == self.signal and not catches_signal(self.service.process.pid):
                return None
            self.keep_rules()
            self.start_traffic()
            if is_stopped:
                os.kill(self.service.process.pid, signal.SIGSTOP)
            results = self.rounds(pull, back, count)
            found = results, self.stop_traffic()
        # What the daemon made of it once it went on.
        module.sh(module.PORTCULLIS, "raise", "--agent", GUARDED, "--reason", "bench", check=False)
        return found

    def stand_in(self, pull):
        module.sh("nft", "-f", "-", input=STAND_IN)
        try:
            self.keep_rules()
            self.start_traffic()
            results = self.rounds(pull, self.sleep)
            return results, self.stop_traffic()
        finally:
            module.sh("nft", "delete", "table", "inet", TABLE)


def catches_signal(process, number=10):
    """Whether the process does anything about SIGUSR1 but end by it: handles it, or blocks it to read it from a descriptor."""
    status = Path(f"/proc/{process}/status").read_text()
    masks = re.findall(r"Sig(?:Blk|Cgt):\s*([0-9a-f]+)", status)
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


def at(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def row(name, *cells):
    print(f"{name:34}" + "".join(f"{cell:>9}" for cell in cells), flush=True)


def show(name, results, lost, limit):
    if results is None:
        return row(name, "this build does not do that")
    if not results:
        return row(name, *[""] * 11, lost)

    def columns(key, *shares):
        return [f"{at([result[key] for result in results], share):.1f}" for share in shares]

    def ratio(share):
        return f"{at([result['lost'] for result in results], share) / at([result['lost'] for result in limit], share):.1f}" if limit else ""

    row(name, *columns("last", 0.5, 0.99, 1), *columns("lost", 0.5, 0.99), ratio(0.5), ratio(0.99), *columns("took", 0.5, 0.99),
        sum(result["after"] for result in results), sum(result["sent_after"] for result in results), lost)


def main():
    lab = module.Lab()
    bench = None
    try:
        lab.start()
        for name in ("traffic", "trigger"):
            module.sh("gcc", "-O2", "-D_GNU_SOURCE", "-o", str(lab.folder / name), str(HERE / f"Kill/{name}.c"), "-lpthread")
        with Agents(lab) as agents:
            Agents.current = agents
            for enter in (["ip", "netns", "exec", "vm"], ["ip", "netns", "exec", "b2"], ["nsenter", f"--net=/proc/{lab.internet}/ns/net"]):
                module.sh(*enter, "nft", "-f", "-", input=QUIET)
            bench = Bench(lab)
            cases = {
                "nothing": ("no seal", lambda: bench.case(None, None)),
                "stand-in": ("stand-in: netlink from C", lambda: bench.stand_in(bench.wake)),
                "stand-in-nft": ("stand-in: nft -f", lambda: bench.stand_in(bench.load)),
                "limit": ("netlink from C (the limit)", lambda: bench.case(bench.wake, bench.sleep, is_stopped=True)),
                "signal": ("SIGUSR1 to the daemon", lambda: bench.case(bench.signal, bench.lift, beside_is_guarded=False)),
                "drop": ("portcullis drop, from a cold start", lambda: bench.case(bench.drop, bench.lift)),
                "stopped": (
                    "the same, the daemon stopped",
                    lambda: bench.case(bench.drop_while_packets_wait, bench.lift, max(ROUNDS // 10, 10))),
                "nft": ("nft -f of the same rules", lambda: bench.case(bench.load, bench.sleep, is_stopped=True)),
            }
            wanted = sys.argv[1:] or ["nothing", "limit", "signal", "drop", "stopped", "nft"]
            print(f"{FLOWS:,} connections, {RATE:,} packets a second each way, {ROUNDS:,} rounds; microseconds from the trigger")
            row("", "last", "packet", "seen", "next", "is lost", "ratio", "to C", "pulling", "took", "seen", "sent", "beside")
            row("", "p50", "p99", "max", "p50", "p99", "p50", "p99", "p50", "p99", "after", "after", "lost")
            limit, failures = None, []
            for key in wanted:
                name, run = cases[key]
                results, lost = run() or (None, 0)
                if key in ("limit", "stand-in"):
                    limit = results
                show(name, results, lost, limit)
                if lost:
                    failures.append(f"{name}: the agent beside lost {lost} packets")
                late = sum(result["after"] for result in results or [])
                if key in ("drop", "stopped") and late:
                    failures.append(f"{name}: {late} packets arrived after it had returned")
            for failure in failures:
                print(failure)
            return 1 if failures else 0
    finally:
        if bench:
            for talker in (bench.traffic, bench.trigger):
                if talker and talker.process.poll() is None:
                    talker.process.kill()
                    talker.process.wait()
        lab.stop()


if __name__ == "__main__":
    sys.exit(main())
