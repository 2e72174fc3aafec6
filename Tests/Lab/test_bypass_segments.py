"""No way around by segments of one's own: two readings of one ClientHello, for the gateway and for the server."""

import pytest
from bypass import ROOTED, Field
from lab import HERE, HOSTS
from test_bypass_tls import HOST, hello, names

# Long enough that hello and name lie in the same bytes of both.
LISTED = {"full": b"web.lab-origin.com", "sni": b"api.lab-origin.com"}
BAD = b"bad.lab-origin.com"
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


def play(field, scope, level, family, trick):
    text = field.run(scope, "ip", "-o", "link", "show", root=True).stdout
    link = [line.split(": ")[1].split("@")[0] for line in text.splitlines() if ": lo:" not in line][0]
    found = field.run(scope, "ip", ("-4", "-6")[family], "-o", "addr", "show", "dev", link, "scope", "global", root=True).stdout
    good = hello(names(LISTED[level]))
    return field.run(
        scope, "/usr/bin/python3", HERE / "raw_tls.py", link, found.split()[3].split("/")[0], field.gateway_addresses(scope)[family],
        HOSTS[HOST[level]][family], trick, good.hex(), good.replace(LISTED[level], BAD).hex(), root=True)


@pytest.mark.parametrize("scope", ["free", *ROOTED])
@pytest.mark.parametrize("level", HOST)
@pytest.mark.parametrize("family", [0, 1])
def test_segments_by_hand_are_let_through_with_the_right_name(field, scope, level, family):
    for trick in ("plain", "out of order"):
        result = play(field, scope, level, family, trick)
        assert result.stdout == "handshake\n", (trick, result.stdout, result.stderr)


def test_without_a_gateway_the_other_name_arrives(field):
    for trick in ("bad", "bad checksum first", "short hop limit first"):
        with field.lab.capture("port 443") as capture:
            result = play(field, "free", "sni", 0, trick)
        assert result.stdout == "handshake\n" and capture.lines, (trick, result.stdout, result.stderr)


@pytest.mark.parametrize("scope", ROOTED)
@pytest.mark.parametrize("level", HOST)
@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_brings_another_name_to_the_server(field, scope, level, trick):
    """The origin says which name it was given; and the bytes of the other name are looked for on the wire."""
    family = TRICKS.index(trick) % 2
    address = HOSTS[HOST[level]][family]
    with wire(field, address) as seen:
        result = play(field, scope, level, family, trick)
    assert result.returncode == 0 and result.stdout != "", result.stderr
    assert BAD not in seen[0], (trick, result.stdout)


def wire(field, address):
    import contextlib
    import signal
    import subprocess
    import time

    @contextlib.contextmanager
    def capture():
        """All bytes that reach the address."""
        found = [b""]
        process = subprocess.Popen(
            ["nsenter", f"--net=/proc/{field.lab.internet}/ns/net", "tcpdump", "-nni", "beyond0", "--immediate-mode", "-U", "-w", "-",
             f"dst host {address}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for line in process.stderr:
            if b"listening on" in line:
                break
        yield found
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        found[0] = process.communicate()[0]
        assert len(found[0]) >= 24
    return capture()
