"""Hosts with `inspect: sni`: their own certificate reaches the agent, and nothing but an accepted name reaches them."""

import hashlib

import pytest
from lab import HOSTS, reasons

POLICY = """
version: 1
allow:
  - { host: web.lab-origin.com, inspect: sni }
  - host: api.lab-origin.com
"""


@pytest.fixture(scope="module")
def policy(lab):
    return lab.policy(POLICY, "sni")


def issuer(lab, policy, host, *arguments):
    return lab.jail("sh", "-c", f"openssl s_client -connect {host}:443 {' '.join(arguments)} </dev/null 2>&1 | grep -i issuer=", policy=policy)


@pytest.mark.parametrize("family", ["-4", "-6"])
def test_the_origins_own_certificate_arrives(lab, policy, family):
    assert "Lab Root CA" in issuer(lab, policy, "web.lab-origin.com", family, "-servername web.lab-origin.com").stdout
    assert "Portcullis" in issuer(lab, policy, "api.lab-origin.com", family, "-servername api.lab-origin.com").stdout


@pytest.mark.parametrize("family", ["-4", "-6"])
def test_bytes_arrive_unchanged(lab, policy, family):
    result = lab.jail(
        "sh", "-c", f"curl -sS {family} https://web.lab-origin.com/big/20000000 | sha256sum; "
        f"head -c 5000000 /dev/zero | curl -sS {family} -T - https://web.lab-origin.com/upload", policy=policy)
    pattern = bytes(range(256)) * 256
    expected = (pattern * (20000000 // len(pattern) + 1))[:20000000]
    assert hashlib.sha256(expected).hexdigest() in result.stdout
    assert hashlib.sha256(bytes(5000000)).hexdigest() in result.stdout
    v4, v6 = HOSTS["web.lab-origin.com"]
    subject = f"web.lab-origin.com ({v4 if family == '-4' else f'[{v6}]'}:443)"
    assert [d["subject"] for d in result.decisions if d["stage"] == "tls"] == [subject] * 2


def test_another_name_at_the_same_address_is_refused(lab, policy):
    with lab.capture("tcp[tcpflags] & tcp-push != 0") as capture:
        result = lab.jail(
            "sh", "-c", "getent ahosts web.lab-origin.com; curl -sSk --resolve other.lab-origin.com:443:"
            f"{HOSTS['web.lab-origin.com'][0]} https://other.lab-origin.com/hello", policy=policy)
    assert "tls.sni_mismatch" in reasons(result.decisions) and capture.lines == []


def test_what_is_not_tls_is_refused(lab, policy):
    with lab.capture("tcp[tcpflags] & tcp-push != 0") as capture:
        result = lab.jail("sh", "-c", "echo secret | nc -w3 web.lab-origin.com 443", policy=policy)
    assert "flow.protocol_unknown" in reasons(result.decisions) and capture.lines == []
