"""The packet plane against its limits, side by side in one run in the lab: a C program that accepts every packet with
libnetfilter_queue, and the kernel's plain forwarding.

    sudo make bench

Prints tables; asserts nothing. The ratios are what counts: absolute figures differ between machines and runs.

    guest (tap7) ── queue: portcullis up, or accept_all, or none ── uplink0 ── internet (name server, sink)
"""

import json
import os
import ssl
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "Lab"))
import lab as module  # noqa: E402
from scopes import Agents, Service  # noqa: E402

SECONDS = float(os.environ.get("SECONDS_EACH", "3"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
RESOLVER, SINK, ZONE = "9.9.9.8", "93.184.216.40", "bench-zone.com"
LIMIT_QUEUE = "7"
TICKS = os.sysconf("SC_CLK_TCK")


def build(lab):
    for name, libraries in (("accept_all", ["-lnetfilter_queue"]), ("names", []), ("flows", ["-lpthread"])):
        module.sh("gcc", "-O2", "-D_GNU_SOURCE", "-o", str(lab.folder / name), str(HERE / f"Packets/{name}.c"), *libraries)


def rules(hosts=0):
    filler = "".join(f"  - host: host{n}.filler-zone.com\n" for n in range(hosts))
    return (f"allow:\n{filler}  - host: \"*.{ZONE}\"\n  - {{ host: sink.{ZONE}, inspect: sni, ports: [443] }}\n"
            f"dns: {{ resolver: [{RESOLVER}] }}\n{os.environ.get('BENCH_BUDGETS', '')}")


class Bench:
    def __init__(self, lab, agents):
        self.lab, self.agents = lab, agents

    def guest(self, program, *arguments):
        result = self.agents.run("interface", str(self.lab.folder / program), *map(str, arguments), root=True, timeout=120)
        if result.returncode:
            raise RuntimeError(f"{program} {arguments}: {result.stdout}{result.stderr}")
        return json.loads(result.stdout)

    def flood(self, rate):
        return subprocess.Popen(self.agents.command(
            "interface", str(self.lab.folder / "flows"), "flood", "93.184.219.9", "9", str(rate), "60", root=True))

    def limit(self):
        return Limit(self.lab)

    def portcullis(self, hosts=0):
        return Service(self.agents, rules(hosts), scopes=["interface"])

    def names(self, window, count=50):
        return self.guest("names", "ask", RESOLVER, SECONDS, window, count, ZONE)

    def connects(self):
        # The address is known to be the zone's once it was asked for; the unguarded case has no use for it.
        return self.guest("flows", "connect", SINK, 80, 2000)


class Limit:
    """accept_all on what the gateway would queue."""

    def __init__(self, lab):
        self.lab = lab

    def rules(self, action):
        for match in (["-p", "udp"], ["-p", "tcp", "--syn"]):
            module.sh("iptables-nft", "-t", "mangle", action, "PREROUTING", "-i", "tap7", *match, "-j", "NFQUEUE", "--queue-num",
                      LIMIT_QUEUE)

    def __enter__(self):
        self.process = subprocess.Popen([str(self.lab.folder / "accept_all"), LIMIT_QUEUE], stdout=subprocess.PIPE)
        self.process.stdout.readline()
        self.rules("-A")
        return self

    def __exit__(self, *_):
        self.rules("-D")
        self.process.kill()
        self.process.wait()


class Nothing:
    process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def cpu_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def interleaved(cases, measure):
    """Every case in every round, so that a slow minute hits all of them."""
    found = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, make in cases.items():
            with make() as running:
                time.sleep(0.3)
                found[name].append(measure(running))
    return found


def dns(bench):
    cases = {"no queue": Nothing, "accept_all (the limit)": bench.limit, "portcullis": bench.portcullis}

    def measure(_):
        busy, alone = bench.names(64), bench.names(1)
        return {"rate": busy["rate"], "p50": alone["p50"], "p99": alone["p99"], "lost": busy["lost"] + alone["lost"]}

    found = interleaved(cases, measure)
    limit = median(found["accept_all (the limit)"], "rate")
    print(f"\nDNS over UDP, 50 names of one zone (medians of {ROUNDS})")
    print(f"{'':26}{'answers/s':>12}{'ratio':>8}{'p50 us':>10}{'p99 us':>10}{'lost':>6}")
    for name, runs in found.items():
        print(f"{name:26}{median(runs, 'rate'):12.0f}{median(runs, 'rate') / limit:8.2f}{median(runs, 'p50'):10.1f}"
              f"{median(runs, 'p99'):10.1f}{median(runs, 'lost'):6.0f}")


def policies(bench):
    cases = {f"{count:,} hosts": lambda count=count: bench.portcullis(count) for count in (10, 1000, 100_000)}

    def measure(_):
        busy, alone = bench.names(64), bench.names(1)
        return {"rate": busy["rate"], "p50": alone["p50"], "p99": alone["p99"]}

    found = interleaved(cases, measure)
    print(f"\nthe same with policies of several sizes (medians of {ROUNDS})")
    print(f"{'':26}{'answers/s':>12}{'p50 us':>10}{'p99 us':>10}")
    for name, runs in found.items():
        print(f"{name:26}{median(runs, 'rate'):12.0f}{median(runs, 'p50'):10.1f}{median(runs, 'p99'):10.1f}")


def syn(bench):
    cases = {"no queue": Nothing, "accept_all (the limit)": bench.limit, "portcullis": bench.portcullis}
    for rate in (0, 20_000):
        def measure(_):
            bench.guest("names", "ask", RESOLVER, 0.1, 1, 1, ZONE)
            flooding = bench.flood(rate) if rate else None
            try:
                time.sleep(0.3)
                return bench.connects()
            finally:
                if flooding:
                    flooding.kill()
                    flooding.wait()

        found = interleaved(cases, measure)
        print(f"\nfrom SYN to its answer, {'idle' if not rate else f'under {rate:,} packets a second'} (medians of {ROUNDS})")
        print(f"{'':26}{'p50 us':>10}{'p99 us':>10}")
        for name, runs in found.items():
            print(f"{name:26}{median(runs, 'p50'):10.1f}{median(runs, 'p99'):10.1f}")


def hello(name):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    session = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def bulk(bench):
    path = bench.lab.folder / "hello"
    path.write_bytes(hello(f"sink.{ZONE}"))
    cases = {"plain forwarding": Nothing, "portcullis, inspect: sni": bench.portcullis}

    def measure(running):
        module.sh(*bench.agents.command("interface", "dig", "+short", f"@{RESOLVER}", f"sink.{ZONE}", root=True), check=False)
        before = cpu_seconds(running.process) if running.process else 0
        rate = bench.guest("flows", "fetch", SINK, 443, path, SECONDS)["rate"]
        return {"rate": rate, "cpu": (cpu_seconds(running.process) - before) if running.process else 0}

    found = interleaved(cases, measure)
    plain = median(found["plain forwarding"], "rate")
    print(f"\none connection's bulk data (medians of {ROUNDS})")
    print(f"{'':26}{'MB/s':>12}{'ratio':>8}{'daemon CPU s':>14}")
    for name, runs in found.items():
        print(f"{name:26}{median(runs, 'rate'):12.0f}{median(runs, 'rate') / plain:8.2f}{median(runs, 'cpu'):14.2f}")


def main():
    lab = module.Lab()
    try:
        lab.start()
        build(lab)
        for address in (RESOLVER, SINK):
            lab.inside("ip", "addr", "add", f"{address}/32", "dev", "lo")
        lab.spawn(str(lab.folder / "names"), "serve", RESOLVER)
        for port in ("80", "443"):
            lab.spawn(str(lab.folder / "flows"), "serve", SINK, port)
        lab.wait_for_port(SINK, 443)
        with Agents(lab) as agents:
            bench = Bench(lab, agents)
            wanted = sys.argv[1:] or ["dns", "policies", "syn", "bulk"]
            for name in wanted:
                {"dns": dns, "policies": policies, "syn": syn, "bulk": bulk}[name](bench)
    finally:
        lab.stop()


if __name__ == "__main__":
    main()
