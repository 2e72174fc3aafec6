"""The main job, shown on a lab of its own: three network namespaces and no way to a real network.

    sudo make demo
"""

import os
import select
import subprocess
import sys
import textwrap
import time

import lab as module
import origins

POLICY = """\
version: 1
allow:
  - host: web.lab-origin.com
  - host: api.lab-origin.com
    methods: [GET, HEAD]
  - host: untrusted.lab-bad.com
"""

# What is tried, the agent's command, and what is expected to happen: a status, or a reason.
ATTEMPTS = [
    ("an allowed host", ["curl", "-sS", "https://web.lab-origin.com/hello"], None),
    ("an allowed host, over IPv6", ["curl", "-sS6", "https://web.lab-origin.com/hello"], None),
    ("a name that is not allowed", ["curl", "-sS", "https://forbidden.lab-evil.com/"], "dns.name_not_allowed"),
    ("an address nobody resolved", ["curl", "-sSk", f"https://{module.UNRESOLVED4}/"], "ip.not_resolved"),
    ("a private address (cloud metadata)", ["curl", "-sS", "http://169.254.169.254/latest/meta-data/"], "ip.private"),
    ("a method that is not allowed", ["curl", "-sS", "-d", "secret", "https://api.lab-origin.com/echo"],
     "http.method_not_allowed"),
    ("an untrusted upstream certificate", ["curl", "-sSk", "https://untrusted.lab-bad.com/"], "tls.upstream_untrusted"),
    ("QUIC, past the proxy", ["/usr/bin/python3", "-c", textwrap.dedent(f"""
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3); s.connect(('{module.UNRESOLVED4}', 443))
        s.send(b'x' * 1200)
        try: s.recv(1)
        except OSError as error: print(error)""")], "ip.protocol_not_allowed"),
]


def show(text=""):
    print(text, flush=True)


def attempt(lab, policy, command):
    """Runs one command in a jail with its decisions on a terminal; returns (exit code, output, decision lines, seconds)."""
    leader, follower = os.openpty()
    started = time.monotonic()
    process = subprocess.Popen(
        [module.PORTCULLIS, "run", "--policy", str(policy), "--", "sh", "-c", 'exec "$@" 2>&1', "sh", *command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=follower, text=True,
        env=dict(os.environ, NO_COLOR="1"))
    os.close(follower)
    output = process.communicate(timeout=60)[0]
    seconds = time.monotonic() - started
    lines = b""
    while select.select([leader], [], [], 0.05)[0]:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        lines += piece
    os.close(leader)
    return process.returncode, output.strip(), lines.decode().replace("\r", "").strip().splitlines(), seconds


def main():
    lab = module.Lab()
    rows, as_expected = [], True
    try:
        show("Building the lab: an agent's jail, a gateway, and an internet of real servers, without any real network.")
        lab.start()
        origins.start_origins(lab)
        policy = lab.policy(POLICY, "demo")
        show("\nThe policy:\n" + textwrap.indent(POLICY, "    "))
        for title, command, reason in ATTEMPTS:
            show(f"── {title}\n   $ {' '.join(command).splitlines()[0]}")
            code, output, lines, seconds = attempt(lab, policy, command)
            for line in output.splitlines()[:2]:
                show(f"   agent    {line[:300]}")
            for line in lines:
                show(f"   gateway  {line.removeprefix('portcullis: ')[:300]}")
            reached = "hello from the origin" in output
            stopped = reason is not None and any(reason in line for line in lines)
            good = reached if reason is None else stopped and not reached
            as_expected = as_expected and good
            rows.append((title, "reached" if reached else "stopped" if stopped else f"exit code {code}", reason or "",
                         f"{seconds * 1000:.0f} ms", "as it should" if good else "NOT AS IT SHOULD"))
            show()
    finally:
        lab.stop()
    header = ("what the agent tried", "what happened", "reason", "took", "")
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(5)]
    for row in [header, tuple("─" * width for width in widths), *rows]:
        show("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    return 0 if as_expected else 1


sys.exit(main())
