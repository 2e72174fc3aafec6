"""No way around by TLS: server names missing, wrong and in disguise, for inspected and for uninspected hosts; browsers' hellos."""

import contextlib
import json
import ssl
import struct
import time

import pytest
from bypass import ENVIRONMENT, EVERYBODY, FORWARDED, QUICK, Field, either
from lab import HOSTS

HOST = {"full": "web.lab-origin.com", "sni": "api.lab-origin.com"}
each = pytest.mark.parametrize("scope", EVERYBODY)
level = pytest.mark.parametrize("level", HOST)
PAYLOAD = "port 443 and (tcp[tcpflags] & tcp-push != 0 or ip6[53] & 8 != 0)"


@pytest.fixture(scope="module")
def field(lab):
    with Field(lab) as made:
        for scope in EVERYBODY:
            made.resolve(scope)
        yield made


def names(*entries, kind=0):
    """The server_name extension's body (RFC 6066 section 3), of (kind, name) or names."""
    body = b"".join(struct.pack("!BH", kind, len(name)) + name for name in entries)
    return struct.pack("!H", len(body)) + body


def hello(*server_names):
    """A ClientHello of OpenSSL's that any origin answers, with these server_name extensions before its own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    out = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out).do_handshake()
    data = out.read()
    # Record, handshake and version, then random, session, ciphers, compressions (RFC 8446 section 4.1.2).
    at = 9 + 2 + 32
    at += 1 + data[at]
    at += 2 + int.from_bytes(data[at:at + 2], "big")
    at += 1 + data[at]
    extensions = b"".join(struct.pack("!HH", 0, len(body)) + body for body in server_names) + data[at + 2:]
    body = data[9:at] + struct.pack("!H", len(extensions)) + extensions
    message = b"\1" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack("!H", len(message)) + message


# What the hello says for (own) the allowed name, and which reasons may be given. None is accepted by any reading.
def disguises(own):
    other = b"unlisted.lab-origin.com"
    return {
        "no name": (hello(), {"tls.no_server_name"}),
        "another name": (hello(names(other)), {"tls.sni_mismatch"}),
        "an allowed name of another address": (
            hello(names(b"web.lab-origin.com" if b"api" in own else b"api.lab-origin.com")), {"tls.sni_mismatch"}),
        "a subdomain": (hello(names(b"x." + own)), {"tls.sni_mismatch"}),
        "the parent": (hello(names(b"lab-origin.com")), {"tls.sni_mismatch"}),
        "a NUL inside": (hello(names(own + b"\0.evil.example")), {"tls.malformed_hello", "tls.sni_mismatch", "tls.no_server_name"}),
        "a NUL at the end": (hello(names(own + b"\0")), {"tls.malformed_hello", "tls.sni_mismatch", "tls.no_server_name"}),
        "two dots at the end": (hello(names(own + b"..")), {"tls.malformed_hello", "tls.sni_mismatch", "tls.no_server_name"}),
        "a blank at the end": (hello(names(own + b" ")), {"tls.malformed_hello", "tls.sni_mismatch", "tls.no_server_name"}),
        "two names": (hello(names(own, other)), {"tls.malformed_hello"}),
        "two names, the other way round": (hello(names(other, own)), {"tls.malformed_hello", "tls.sni_mismatch"}),
        "two extensions": (hello(names(own), names(other)), {"tls.malformed_hello"}),
        "two extensions, the other way round": (hello(names(other), names(own)), {"tls.malformed_hello"}),
        "an empty name": (hello(names(b"")), {"tls.malformed_hello", "tls.no_server_name"}),
        "a name of another kind": (hello(names(own, kind=1)), {"tls.malformed_hello", "tls.no_server_name"}),
        "an address": (hello(names(b"93.184.216.34")), {"tls.malformed_hello", "tls.sni_mismatch", "tls.no_server_name"}),
        "SSL 2": (b"\x80\x2e\1\3\1\0\x15\0\0\0\x10" + bytes(35), {"flow.protocol_unknown", "tls.malformed_hello"}),
        "SSH": (b"SSH-2.0-OpenSSH_9.6\r\n", {"flow.protocol_unknown"}),
        "noise": (bytes(range(128, 256)) * 4, {"flow.protocol_unknown"}),
        "an alert first": (b"\x15\3\1\0\2\1\0" + hello(names(own)), {"flow.protocol_unknown", "tls.malformed_hello"}),
        "application data first": (b"\x17\3\3\0\x10" + bytes(16), {"flow.protocol_unknown", "tls.malformed_hello"}),
    }


# The allowed name, spelled as TLS allows it to be.
GOOD = {"as it is": lambda own: hello(names(own)), "in capitals": lambda own: hello(names(own.upper())),
        "with a dot at the end": lambda own: hello(names(own + b"."))}
SAY = """
import json, socket, sys, time
address, pieces = sys.argv[1], [bytes.fromhex(piece) for piece in sys.argv[2].split(",")]
started = time.monotonic()
with socket.create_connection((address, 443), timeout=2) as s:
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        for piece in pieces: s.sendall(piece); time.sleep(0.0005)
        answer = s.recv(3)
    except OSError as problem: answer = type(problem).__name__.encode()
print(json.dumps([answer.hex(), time.monotonic() - started]))
"""


def say(field, scope, address, *pieces):
    result = field.run(scope, "/usr/bin/python3", "-c", SAY, address, ",".join(piece.hex() for piece in pieces))
    answer, seconds = json.loads(result.stdout)
    return bytes.fromhex(answer), seconds


def cuts(data, level, scope):
    """Into segments of their own. Held ones are not acknowledged, and a sender has ten under way (RFC 6928)."""
    size = 1 if level == "full" or scope not in FORWARDED else len(data) // 8
    return [[data], [data[:1], data[1:2], data[2:9], data[9:]], [data[at:at + size] for at in range(0, len(data), size)]]


def is_handshake(answer):
    return answer[:2] == b"\x16\3"


@level
def test_without_a_gateway_all_of_it_reaches_the_origin(field, level):
    own = HOST[level].encode()
    with field.lab.capture(PAYLOAD + f" and dst host {HOSTS[HOST[level]][0]}") as capture:
        for data, _ in disguises(own).values():
            say(field, "free", HOSTS[HOST[level]][0], data)
    assert len({line.split(" > ")[0] for line in capture.lines}) == len(disguises(own))
    assert is_handshake(say(field, "free", HOSTS[HOST[level]][0], disguises(own)["another name"][0])[0])


@each
@level
def test_a_name_in_disguise_is_refused(field, scope, level):
    own = HOST[level].encode()
    with field.attempt(scope, PAYLOAD) as watched:
        for number, (what, (data, codes)) in enumerate(disguises(own).items()):
            with field.decided(scope) as attempt:
                answer, seconds = say(field, scope, HOSTS[HOST[level]][number % 2], data)
                time.sleep(0.01)
            # Where the gateway takes the connection, it shakes hands itself, to say why.
            assert not (is_handshake(answer) and level == "sni" and scope in FORWARDED), (what, answer)
            assert seconds < QUICK and set(attempt.reasons) & codes, (what, attempt.reasons, answer)
    assert watched.arrived == []


@each
@level
def test_the_right_name_is_let_through_however_it_is_spelled_and_cut(field, scope, level):
    for spelling, make in GOOD.items():
        for pieces in cuts(make(HOST[level].encode()), level, scope):
            answer, _ = say(field, scope, HOSTS[HOST[level]][0], *pieces)
            assert is_handshake(answer), (spelling, answer, len(pieces))


@each
@level
def test_a_wrong_name_is_refused_however_it_is_cut(field, scope, level):
    data = hello(names(b"unlisted.lab-origin.com"))
    record = data[5:]
    # TLS may cut a message into records as well (RFC 8446 section 5.1).
    records = b"".join(b"\x16\3\1" + struct.pack("!H", len(record[at:at + 7])) + record[at:at + 7] for at in range(0, len(record), 7))
    with field.attempt(scope, PAYLOAD) as watched:
        for pieces in [*cuts(data, level, scope), *cuts(records, level, scope)]:
            with field.decided(scope) as attempt:
                _, seconds = say(field, scope, HOSTS[HOST[level]][0], *pieces)
                time.sleep(0.01)
            assert seconds < QUICK and set(attempt.reasons) & {"tls.sni_mismatch", "tls.malformed_hello"}, attempt.reasons
    assert watched.arrived == []


BROWSER = """
import sys
from curl_cffi import requests
browser, url, ca, resolve = sys.argv[1:]
import curl_cffi
try:
    answer = requests.get(url, impersonate=browser, verify=ca, timeout=8, curl_options={curl_cffi.CurlOpt.RESOLVE: [resolve]} if resolve else {})
    print(answer.status_code, answer.text)
except Exception as problem: print("failed", problem)
"""


@pytest.mark.parametrize("scope", ["user", "interface", "jail"])
@level
@pytest.mark.parametrize("browser", ["chrome", "firefox", "safari"])
def test_browsers_hellos_are_judged_right(field, scope, level, browser):
    bundle = "/etc/ssl/certs/ca-certificates.crt" if scope == "jail" else (
        field.service.ca if level == "full" else str(field.lab.folder / "system-bundle.pem"))

    def visit(name, resolve=""):
        return field.run(scope, "/usr/bin/python3", "-c", BROWSER, browser, f"https://{name}/hello", bundle, resolve, env=ENVIRONMENT)

    assert visit(HOST[level]).stdout == "200 hello from the origin\n\n"
    for name in ("unlisted.lab-origin.com", "other.lab-origin.com"):
        with field.attempt(scope, PAYLOAD) as attempt:
            result = visit(name, f"{name}:443:{either('-4', HOSTS[HOST[level]])}")
        assert "tls.sni_mismatch" in attempt.reasons and "hello from the origin" not in result.stdout
        assert result.seconds < 2 * QUICK and attempt.arrived == []
