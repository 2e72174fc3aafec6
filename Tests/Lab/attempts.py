"""Ways to get out that need no tool; run by an agent, told what to do by arguments.

    attempts.py dial ADDRESS,PORT ...          TCP, each address in whatever spelling the C library takes
    attempts.py send PROTOCOL ADDRESS,PORT ... a datagram of 17 (UDP) or 136 (UDP-Lite)
    attempts.py say SECONDS ADDRESS,PORT TEXT  TCP, then a text, then wait for an answer
    attempts.py mptcp ADDRESS,PORT ...         as dial, by MPTCP
    attempts.py fastopen ADDRESS,PORT ...      a SYN with data
    attempts.py raw ADDRESS PROTOCOL ...       a packet of each IP protocol (root)

One line of JSON each: what was tried, what came of it, and after how many seconds.
"""

import errno
import json
import os
import socket
import struct
import sys
import time

# Seconds; where a refusal cannot be told to the sender, the tests say less.
PATIENCE = float(os.environ.get("PATIENCE", "5"))


def report(what, attempt):
    started = time.monotonic()
    try:
        outcome = attempt()
    except OSError as problem:
        outcome = errno.errorcode.get(problem.errno, str(problem)) if problem.errno and problem.errno > 0 else type(problem).__name__
    print(json.dumps({"what": what, "outcome": outcome, "seconds": time.monotonic() - started}), flush=True)


def opened(target, kind, protocol=0):
    """A socket for the address, and the address as the C library reads it."""
    address, _, port = target.rpartition(",")
    found = socket.getaddrinfo(address, int(port), type=socket.SOCK_STREAM)
    family, _, _, _, place = found[0]
    made = socket.socket(family, kind, protocol)
    made.settimeout(PATIENCE)
    return made, place


def dial(*targets, protocol=0):
    for target in targets:
        def attempt():
            made, place = opened(target, socket.SOCK_STREAM, protocol)
            with made:
                made.connect(place)
            return "connected"

        report(target, attempt)


def mptcp(*targets):
    dial(*targets, protocol=262)


def send(protocol, *targets):
    for target in targets:
        def attempt():
            made, place = opened(target, socket.SOCK_DGRAM, int(protocol))
            with made:
                if place[0] in ("224.0.0.251", "224.0.0.252", "239.255.255.250", "255.255.255.255"):
                    made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                made.connect(place)
                made.send(b"portcullis-secret" * 20)
                return f"answered {len(made.recv(2000))}"

        report(target, attempt)


def say(seconds, target, text):
    def attempt():
        made, place = opened(target, socket.SOCK_STREAM)
        with made:
            made.settimeout(float(seconds))
            made.connect(place)
            made.sendall(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))
            answer = b""
            while piece := made.recv(4000):
                answer += piece
                if b"\n" in answer:
                    break
            return answer[:2000].decode("latin-1") or "closed"

    report(target, attempt)


def fastopen(*targets):
    for target in targets:
        def attempt():
            made, place = opened(target, socket.SOCK_STREAM)
            with made:
                made.sendto(b"portcullis-secret\n", socket.MSG_FASTOPEN, place)
                return "connected"

        report(target, attempt)


def raw(address, *protocols):
    for protocol in protocols:
        def attempt():
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.socket(family, socket.SOCK_RAW, int(protocol)) as made:
                made.sendto(struct.pack("!BBHHH", 8 if family == socket.AF_INET else 128, 0, 0, 1, 1) + b"x" * 56, (address, 0))
            return "sent"

        report(f"{address}/{protocol}", attempt)


if __name__ == "__main__":
    os.environ["RES_OPTIONS"] = "attempts:1 timeout:2"
    {"dial": dial, "send": send, "say": say, "mptcp": mptcp, "fastopen": fastopen, "raw": raw}[sys.argv[1]](*sys.argv[2:])
