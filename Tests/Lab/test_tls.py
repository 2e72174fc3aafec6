"""Upstreams that must not be trusted: the agent gets a readable 502, and never a byte of their content."""

import json

import pytest
from lab import HOSTS, reasons

POLICY = """
version: 1
allow:
  - host: "*.lab-bad.com"
  - host: web.lab-origin.com
"""

BAD = {
    "selfsigned": "tls.upstream_untrusted",
    "untrusted": "tls.upstream_untrusted",
    "wrongname": "tls.upstream_name",
    "expired": "tls.upstream_expired",
    "notyet": "tls.upstream_expired",
    "tls11": "tls.upstream_protocol",
    "rsakex": "tls.upstream_protocol",
    "weakkey": "tls.upstream_weak",
    "down": "upstream.unreachable",
}


@pytest.fixture(scope="module")
def policy(lab):
    return lab.policy(POLICY, "tls")


@pytest.mark.parametrize("label", sorted(BAD))
def test_bad_upstream_is_a_readable_502(lab, policy, label):
    result = lab.jail("curl", "-sSi", "--max-time", "30", f"https://{label}.lab-bad.com/hello", policy=policy)
    head, _, body = result.stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 502 "), result.stderr
    assert "content-type: application/problem+json" in head
    answer = json.loads(body)
    assert answer["reason"] == BAD[label] and answer["status"] == 502
    assert "hello from the origin" not in result.stdout
    assert reasons(result.decisions) == [BAD[label]]


@pytest.mark.parametrize("label", ["selfsigned", "expired"])
def test_an_insecure_client_is_not_let_through_either(lab, policy, label):
    result = lab.jail("curl", "-sSk", f"https://{label}.lab-bad.com/hello", policy=policy)
    assert json.loads(result.stdout)["status"] == 502


def s_client(lab, policy, arguments, request="GET /hello HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\nConnection: close\\r\\n\\r\\n"):
    return lab.jail(
        "sh", "-c", f"(printf '{request}'; sleep 1) | timeout 10 openssl s_client {arguments} "
        "-connect web.lab-origin.com:443", policy=policy)


def test_a_name_that_was_not_resolved_to_the_address(lab, policy):
    result = s_client(lab, policy, "-quiet -servername elsewhere.lab-bad.com")
    assert '"reason":"tls.sni_mismatch"' in result.stdout
    assert "tls.sni_mismatch" in reasons(result.decisions)


def test_no_name_at_all(lab, policy):
    result = s_client(lab, policy, "-quiet -noservername")
    assert "unrecognized name" in result.stderr and reasons(result.decisions) == ["tls.no_server_name"]


def test_old_tls_from_the_agent_is_refused(lab, policy):
    result = s_client(lab, policy, "-quiet -tls1_1 -cipher ALL:@SECLEVEL=0 -servername web.lab-origin.com")
    assert "hello from the origin" not in result.stdout
    assert "tls.agent_handshake" in reasons(result.decisions)


def test_sessions_resume(lab, policy, tmp_path):
    session = tmp_path / "session"
    one = (f"(printf 'GET /hello HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\nConnection: close\\r\\n\\r\\n'; sleep 1) | "
           "timeout 10 openssl s_client -servername web.lab-origin.com -connect web.lab-origin.com:443")
    result = lab.jail("sh", "-c", f"{one} -sess_out {session}; {one} -sess_in {session}", policy=policy)
    assert result.stdout.count("hello from the origin") == 2, result.stderr
    assert "Reused, TLSv1.3" in result.stdout


def test_leaf_is_short_lived_and_for_the_host_alone(lab, policy):
    result = lab.jail(
        "sh", "-c", "openssl s_client -servername web.lab-origin.com -connect web.lab-origin.com:443 </dev/null "
        "2>/dev/null | openssl x509 -noout -text", policy=policy)
    assert "DNS:web.lab-origin.com\n" in result.stdout and "prime256v1" in result.stdout
    assert "CA:TRUE" not in result.stdout and "Portcullis" in result.stdout


def test_upstream_connections_are_reused(lab, policy):
    lab.seen.write_text("")
    result = lab.jail(
        "sh", "-c", "for i in 1 2 3 4 5; do curl -sS https://web.lab-origin.com/hello; done", policy=policy)
    assert result.stdout.count("hello") == 5
    ports = {json.loads(line)["port"] for line in lab.seen.read_text().splitlines()}
    assert len(ports) <= 2


def test_two_agents_share_no_upstream_connection(lab, policy):
    lab.seen.write_text("")
    for _ in range(2):
        lab.jail("curl", "-sS", "https://web.lab-origin.com/hello", policy=policy)
    ports = [json.loads(line)["port"] for line in lab.seen.read_text().splitlines()]
    assert len(ports) == 2 and len(set(ports)) == 2


def test_what_is_not_http_or_tls_is_refused(lab, policy):
    result = lab.jail(
        "sh", "-c", "printf 'SSH-2.0-OpenSSH_9.2\\r\\n' | timeout 5 nc web.lab-origin.com 443", policy=policy)
    assert result.stdout == "" and reasons(result.decisions) == ["flow.protocol_unknown"]


def test_extra_ca_of_the_policy_is_trusted(lab):
    """The lab's stranger signs untrusted.lab-bad.com; with its root in the policy the origin is reached."""
    import authority
    stranger = authority.Authority("Stranger's Root")
    pair = stranger.leaf("extra.lab-origin.com", "web.lab-origin.com")
    path = authority.write_pair(lab.folder, "extra", pair)
    root = lab.folder / "stranger.pem"
    root.write_bytes(stranger.pem)
    address = HOSTS["api.lab-origin.com"][0]
    lab.origin(address, 8443, path)
    lab.wait_for_port(address, 8443)
    rule = "allow:\n  - { host: api.lab-origin.com, ports: [8443] }\n"
    without = lab.policy("version: 1\n" + rule, "without")
    url = "https://api.lab-origin.com:8443/hello"
    result = lab.jail("curl", "-sS", url, policy=without)
    assert json.loads(result.stdout)["reason"] == "tls.upstream_untrusted"
    wrong_name = lab.policy(f"version: 1\ntls: {{ extra_ca: [{root}] }}\n" + rule, "with")
    result = lab.jail("curl", "-sS", url, policy=wrong_name)
    assert json.loads(result.stdout)["reason"] == "tls.upstream_name"
