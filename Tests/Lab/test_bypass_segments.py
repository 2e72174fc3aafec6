"""No way around by segments of one's own: two readings of one ClientHello, for the gateway and for the server."""

import contextlib
import signal
import subprocess
import tempfile
import time

import pytest
from bypass import ROOTED, Field
from lab import HERE, HOSTS
from test_bypass_tls import HOST, hello, names

# Long enough that hello and name lie in the same bytes of both.
LISTED = {"full": b"web.lab-origin.com", "sni": b"api.lab-origin.com"}
BAD = b"b%02d.lab-origin.com"
TRICKS = [
    "bad", "short hop limit first", "bad checksum first", "retransmission of other bytes",
    "overlap, good first", "overlap, bad first", "hole filled twice", "before the window", "urgent byte",
    "reset that dies, then anew", "reset out of the window", "end first", "second opening amid the first"]


@pytest.fixture(scope="module")
def field(lab):
    with Field(lab) as made:
        for scope in ROOTED:
            made.resolve(scope)
        yield made


def play(field, scope, level, family, trick, bad=BAD % 99):
    text = field.run(scope, "ip", "-o", "link", "show", root=True).stdout
    link = [line.split(": ")[1].split("@")[0] for line in text.splitlines() if ": lo:" not in line][0]
    found = field.run(scope, "ip", ("-4", "-6")[family], "-o", "addr", "show", "dev", link, "scope", "global", root=True).stdout
    good = hello(names(LISTED[level]))
    return field.run(
        scope, "/usr/bin/python3", HERE / "raw_tls.py", link, found.split()[3].split("/")[0], field.gateway_addresses(scope)[family],
        HOSTS[HOST[level]][family], trick, good.hex(), good.replace(LISTED[level], bad).hex(), root=True)


@pytest.mark.parametrize("scope", ["free", *ROOTED])
@pytest.mark.parametrize("level", HOST)
@pytest.mark.parametrize("family", [0, 1])
def test_segments_by_hand_are_let_through_with_the_right_name(field, scope, level, family):
    for trick in ("plain", "out of order"):
        result = play(field, scope, level, family, trick)
        assert result.stdout == "handshake\n", (trick, result.stdout, result.stderr)


def test_without_a_gateway_the_other_name_arrives(field):
    for trick in ("bad", "bad checksum first", "short hop limit first"):
        with wire(field, "port 443") as seen:
            result = play(field, "free", "sni", 0, trick)
        assert result.stdout == "handshake\n" and BAD % 99 in seen[0], (trick, result.stdout, result.stderr)


@pytest.mark.parametrize("scope", ROOTED)
@pytest.mark.parametrize("level", HOST)
def test_no_trick_brings_another_name_to_the_server(field, scope, level):
    """The bytes of the other name, one for each trick, are looked for on the wire."""
    with wire(field, " or ".join(f"dst host {address}" for address in HOSTS[HOST[level]])) as seen:
        for number, trick in enumerate(TRICKS):
            result = play(field, scope, level, number % 2, trick, BAD % number)
            assert result.returncode == 0 and result.stdout != "", (trick, result.stderr)
    assert [trick for number, trick in enumerate(TRICKS) if BAD % number in seen[0]] == []


@contextlib.contextmanager
def wire(field, expression):
    """All bytes that reach the other side."""
    found = [b""]
    with tempfile.TemporaryFile() as file:
        process = subprocess.Popen(
            ["nsenter", f"--net=/proc/{field.lab.internet}/ns/net", "tcpdump", "-nni", "beyond0", "--immediate-mode", "-U", "-w", "-",
             expression], stdout=file, stderr=subprocess.PIPE)
        assert any(b"listening on" in line for line in process.stderr)
        try:
            yield found
        finally:
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            process.wait()
            file.seek(0)
            found[0] = file.read()
