"""CPU a request and memory a connection, against HAProxy with TLS on both sides, in one run in the lab.

    sudo make bench

Prints a table; asserts nothing. The ratio is what counts: absolute times differ between machines and runs. CPU is the
process's own user and system time; the kernel's packet work in interrupts is in neither figure.
"""

import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "Lab"))
import lab as module  # noqa: E402

HOST = "web.lab-origin.com"
ADDRESS = module.HOSTS[HOST][0]
HAPROXY_PORT = 9443
SECONDS = int(os.environ.get("SECONDS_EACH", "5"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
CONNECTIONS = 16
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(process):
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(process):
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE


def start_nginx(lab):
    pair = lab.certificate("bench", HOST)
    (lab.folder / "www").mkdir()
    (lab.folder / "www" / "small").write_text("x" * 100)
    configuration = lab.folder / "nginx.conf"
    configuration.write_text(f"""
        daemon off; user root; worker_processes 1; pid {lab.folder}/nginx.pid; error_log /dev/null;
        events {{ worker_connections 8192; }}
        http {{
            access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
            client_body_temp_path {lab.folder}; proxy_temp_path {lab.folder}; fastcgi_temp_path {lab.folder};
            uwsgi_temp_path {lab.folder}; scgi_temp_path {lab.folder};
            server {{ listen {ADDRESS}:443 ssl; ssl_certificate {pair}; ssl_certificate_key {pair};
                      ssl_session_cache shared:x:1m; root {lab.folder}/www; }}
        }}""")
    lab.spawn("nginx", "-c", str(configuration))
    lab.wait_for_port(ADDRESS, 443)
    return pair


def start_haproxy(lab, pair):
    """In the gateway's place: the client is in the namespace that stands for an agent, over a veth as a jail's."""
    configuration = lab.folder / "haproxy.cfg"
    configuration.write_text(f"""
global
    nbthread 1
    maxconn 8000
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    timeout connect 5s
    timeout client 600s
    timeout server 600s
    http-reuse always
frontend agent
    bind 198.51.100.1:{HAPROXY_PORT} ssl crt {pair} alpn http/1.1
    default_backend origin
backend origin
    server origin {ADDRESS}:443 ssl verify required ca-file {lab.folder}/system-bundle.pem sni str({HOST}) verifyhost {HOST} alpn http/1.1
""")
    client = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    lab.processes.append(client)
    time.sleep(0.2)
    module.sh("ip", "link", "add", "client0", "type", "veth", "peer", "name", "eth0", "netns", str(client.pid))
    module.sh("ip", "addr", "add", "198.51.100.1/24", "dev", "client0")
    module.sh("ip", "link", "set", "client0", "up")
    enter = ["nsenter", f"--net=/proc/{client.pid}/ns/net"]
    module.sh(*enter, "ip", "addr", "add", "198.51.100.2/24", "dev", "eth0")
    module.sh(*enter, "ip", "link", "set", "eth0", "up")
    process = lab.spawn("haproxy", "-f", str(configuration), inside=False)
    time.sleep(1)
    return process.pid, enter


def requests_of(output):
    return int(re.search(r"(\d+) requests in", output).group(1))


def wrk(url, close):
    return ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", f"Host: {HOST}",
            *(["-H", "Connection: close"] if close else []), url]


def through_haproxy(process, enter, close):
    before = cpu_seconds(process)
    result = subprocess.run(
        [*enter, *wrk(f"https://198.51.100.1:{HAPROXY_PORT}/small", close)], capture_output=True, text=True)
    output = result.stdout
    assert "requests in" in output and "Non-2xx" not in output, output + result.stderr
    return (cpu_seconds(process) - before) / requests_of(output) * 1e6, requests_of(output) / SECONDS


def through_portcullis(lab, policy, close):
    with lab.jailed("sh", "-c", "read line; exec \"$@\"", "sh", *wrk(f"https://{HOST}/small", close), policy=policy,
                    stdin=subprocess.PIPE) as jail:
        time.sleep(0.5)
        before = cpu_seconds(jail.pid)
        jail.stdin.write("\n")
        jail.stdin.flush()
        output = jail.stdout.read()
        # The jail's process is a zombie only after its output has ended: read its times before it is waited for.
        after = cpu_seconds(jail.pid)
        jail.wait()
    assert "requests in" in output and "Non-2xx" not in output, output
    return (after - before) / requests_of(output) * 1e6, requests_of(output) / SECONDS


IDLE = """
import resource, socket, ssl, sys
count = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, count + 100))
context = ssl.create_default_context()
kept = []
for _ in range(count):
    s = context.wrap_socket(socket.create_connection(("web.lab-origin.com", 443)), server_hostname="web.lab-origin.com")
    s.sendall(b"GET /small HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\n\\r\\n")
    s.recv(4096)
    kept.append(s)
print("open", flush=True)
sys.stdin.readline()
"""


def memory(lab, policy, count=400):
    with lab.jailed("sh", "-c", "read line; exec \"$@\"", "sh", "/usr/bin/python3", "-c", IDLE, count, policy=policy,
                    stdin=subprocess.PIPE) as jail:
        time.sleep(1)
        idle = resident(jail.pid)
        jail.stdin.write("\n")
        jail.stdin.flush()
        jail.stdout.readline()
        time.sleep(1)
        grown = resident(jail.pid)
        jail.stdin.write("\n")
        jail.stdin.flush()
        jail.wait()
    return idle, (grown - idle) / count


def start_up(lab, rounds=21):
    def median(command):
        times = []
        for _ in range(rounds):
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times.append(time.perf_counter() - started)
        return sorted(times)[rounds // 2] * 1000
    policy = lab.policy("version: 1\n", "startup")
    return median(lab.command("true", policy=policy, options=["--quiet"])), median(["unshare", "-n", "true"])


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
    lab = module.Lab()
    rows = {}
    try:
        lab.start()
        pair = start_nginx(lab)
        haproxy, enter = start_haproxy(lab, pair)
        policy = lab.policy(f"version: 1\nallow:\n  - host: {HOST}\n", "bench")
        for label, close in (("keep-alive", False), ("new connection", True)):
            ours, theirs = [], []
            for _ in range(ROUNDS):
                theirs.append(through_haproxy(haproxy, enter, close))
                ours.append(through_portcullis(lab, policy, close))
            (our_cpu, our_rate), (their_cpu, their_rate) = sorted(ours)[ROUNDS // 2], sorted(theirs)[ROUNDS // 2]
            rows[label] = {"portcullis_us": round(our_cpu, 1), "haproxy_us": round(their_cpu, 1),
                           "ratio": round(our_cpu / their_cpu, 2), "portcullis_rps": round(our_rate),
                           "haproxy_rps": round(their_rate)}
        idle, each = memory(lab, policy)
        rows["memory"] = {"idle_mib": round(idle / 2**20, 1), "per_idle_connection_kib": round(each / 1024, 1)}
        run, unshare = start_up(lab)
        rows["start-up"] = {"run_true_ms": round(run, 1), "unshare_n_true_ms": round(unshare, 1)}
    finally:
        lab.stop()
    if "--json" in sys.argv:
        print(json.dumps(rows))
        return
    for label in ("keep-alive", "new connection"):
        row = rows[label]
        print(f"CPU a request, {label:15} portcullis {row['portcullis_us']:7.1f} µs   HAProxy {row['haproxy_us']:7.1f} µs   "
              f"ratio {row['ratio']:.2f}   ({row['portcullis_rps']} and {row['haproxy_rps']} requests/s)")
    print(f"resident, idle                  {rows['memory']['idle_mib']} MiB")
    print(f"resident, per idle connection   {rows['memory']['per_idle_connection_kib']} KiB")
    print(f"run -- true                     {rows['start-up']['run_true_ms']} ms; unshare -n true "
          f"{rows['start-up']['unshare_n_true_ms']} ms")


main()
