"""No way around by QUIC, beyond test_quic.py: versions nobody knows, packets that open nothing, and a second connection."""

import json

import pytest
from bypass import ENVIRONMENT, EVERYBODY, FORWARDED, QUICK, Field, assert_datagrams_refused
from lab import HERE, HOSTS

API4, API6 = HOSTS["api.lab-origin.com"]
PEER = str(HERE / "quic_peer.py")
ODD = """
import json, socket, sys, time
rest = bytes([8]) + bytes(range(8)) + bytes([8]) + bytes(range(8)) + b"\\0\\x44\\x80" + b"portcullis-secret" * 66
packets = {"short header": b"\\x40" + rest, "version of none": b"\\xc0\\x0a\\x0a\\x0a\\x0a" + rest, "draft 29": b"\\xc0\\xff\\0\\0\\x1d" + rest,
           "negotiation": b"\\x80\\0\\0\\0\\0" + rest, "initial of noise": b"\\xc0\\0\\0\\0\\1" + rest, "0-RTT first": b"\\xd0\\0\\0\\0\\1" + rest,
           "handshake first": b"\\xe0\\0\\0\\0\\1" + rest, "retry": b"\\xf0\\0\\0\\0\\1" + rest, "no fixed bit": b"\\x80\\0\\0\\0\\1" + rest,
           "DTLS": b"\\x16\\xfe\\xfd" + rest, "one byte": b"\\xc0", "nothing": b""}
for name, data in packets.items():
    for address in sys.argv[1:]:
        started = time.monotonic()
        s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.2); s.connect((address, 443))
        try: s.send(data); s.recv(2000); outcome = "answered"
        except OSError as problem: outcome = {13: "EACCES", 111: "ECONNREFUSED", 113: "EHOSTUNREACH"}.get(problem.errno, type(problem).__name__)
        print(json.dumps({"what": name + address, "outcome": outcome, "seconds": time.monotonic() - started}))
"""
TWICE = """
import asyncio, sys
from aioquic.asyncio import connect
from aioquic.quic.configuration import QuicConfiguration
async def ask(name):
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["echo"], server_name=name, cafile=sys.argv[2], idle_timeout=2.0)
    try:
        async with asyncio.timeout(3):
            async with connect(sys.argv[1], 443, configuration=configuration, local_port=int(sys.argv[3])) as connection:
                reader, writer = await connection.create_stream()
                writer.write(b"hello"); writer.write_eof()
                print("answered" if await reader.read() == b"hello" else "garbled", flush=True)
    except (OSError, TimeoutError, ConnectionError) as problem: print("failed", flush=True)
for name in sys.argv[4:]: asyncio.run(ask(name))
"""


@pytest.fixture(scope="module")
def field(lab):
    certificate = lab.certificate("quic-bypass", "other.lab-origin.com", "api.lab-origin.com")
    for address in (API4, API6):
        lab.spawn("/usr/bin/python3", PEER, "serve", address, "443", str(certificate), env=ENVIRONMENT)
        lab.wait_for_port(address, 443, protocol="udp")
    with Field(lab) as made:
        for scope in EVERYBODY:
            made.resolve(scope)
        yield made


def tries(field, scope):
    result = field.run(scope, "/usr/bin/python3", "-c", ODD, API4, API6)
    return {line["what"]: (line["outcome"], line["seconds"]) for line in map(json.loads, result.stdout.splitlines())}


def test_without_a_gateway_odd_datagrams_arrive(field):
    with field.lab.capture(f"udp and (dst host {API4} or dst host {API6})") as capture:
        found = tries(field, "free")
    assert len(capture.lines) == len(found) == 24


@pytest.mark.parametrize("scope", EVERYBODY)
def test_what_opens_no_connection_is_refused(field, scope):
    with field.attempt(scope, f"udp and (dst host {API4} or dst host {API6})") as attempt:
        found = tries(field, scope)
    assert_datagrams_refused(found)
    # What may overtake its Initial packet (0-RTT, Handshake, Retry) is kept a while, and dropped without a word.
    assert attempt.arrived == [] and len(attempt.reasons) >= len(found) - 6
    assert set(attempt.reasons) <= {"quic.version", "quic.malformed", "ip.protocol_not_allowed"}, attempt.reasons


@pytest.mark.parametrize("scope", ["free", *FORWARDED])
@pytest.mark.parametrize("family", [0, 1])
def test_a_second_connection_on_an_accepted_ones_ports_is_judged(field, scope, family):
    who = "user" if scope == "free" else scope
    with field.attempt(who) as attempt:
        result = field.run(scope, "/usr/bin/python3", "-c", TWICE, (API4, API6)[family], field.lab.folder / "system-bundle.pem", 45454 + EVERYBODY.index(who),
                           "api.lab-origin.com", "other.lab-origin.com", env=ENVIRONMENT)
    assert result.stdout.split() == ["answered", "answered" if scope == "free" else "failed"], result.stderr
    assert scope == "free" or "tls.sni_mismatch" in attempt.reasons, attempt.decisions
    assert result.seconds < 4 * QUICK
