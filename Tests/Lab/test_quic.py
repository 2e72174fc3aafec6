"""QUIC: through for hosts whose name is all there is to judge, and refused at once for everything else."""

import pytest
from lab import HERE, HOSTS, PACKAGES, reasons
from scopes import SCOPES, Agents, Service

RULES = """
allow:
  - host: web.lab-origin.com
  - { host: api.lab-origin.com, inspect: sni }
"""
# Those whose flows the kernel forwards; a cable's gateway relays TCP alone.
FORWARDED = [scope for scope in SCOPES if scope != "cable"]
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/bin", "PYTHONPATH": str(PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"}
PEER = str(HERE / "quic_peer.py")


@pytest.fixture(scope="module")
def service(lab):
    certificate = lab.certificate("quic", "web.lab-origin.com", "other.lab-origin.com", "api.lab-origin.com")
    for host in ("web.lab-origin.com", "api.lab-origin.com"):
        for address in HOSTS[host]:
            lab.spawn("/usr/bin/python3", PEER, "serve", address, "443", str(certificate), env=ENVIRONMENT)
    for address in HOSTS["api.lab-origin.com"]:
        lab.wait_for_port(address, 443, protocol="udp")
    with Agents(lab) as agents, Service(agents, RULES) as running:
        yield running


def ask(service, scope, name, address=None, *options, family=0):
    agents = service.agents
    host = name if name in HOSTS else "api.lab-origin.com"
    agents.run(scope, "dig", "+short", host, "aaaa" if family else "a")
    return agents.run(scope, "/usr/bin/python3", PEER, "ask", address or HOSTS[host][family], "443", name,
                      str(agents.lab.folder / "system-bundle.pem"), *options, env=ENVIRONMENT)


@pytest.mark.parametrize("scope", FORWARDED)
@pytest.mark.parametrize("family", [0, 1])
@pytest.mark.parametrize("options", [("--version", "1"), ("--version", "2"), ("--large", "--kilobytes", "2000")])
def test_an_uninspected_host_is_reached(service, scope, family, options):
    with service.decisions(scope) as decisions:
        result = ask(service, scope, "api.lab-origin.com", None, *options, family=family)
    assert result.stdout.startswith("answered"), result.stdout + result.stderr
    assert [d["action"] for d in decisions if d["stage"] == "tls"] == ["allow"]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("family", [0, 1])
def test_an_inspected_host_is_refused_at_once(service, scope, family):
    with service.agents.lab.capture("udp") as capture, service.decisions(scope) as decisions:
        result = ask(service, scope, "web.lab-origin.com", family=family)
    assert result.returncode == 1
    assert [d["reason"] for d in decisions if d["action"] == "deny"][:1] == ["ip.protocol_not_allowed"]
    assert [line for line in capture.lines if ".53" not in line] == []


@pytest.mark.parametrize("scope", FORWARDED)
@pytest.mark.parametrize("name", ["web.lab-origin.com", "unlisted.lab-origin.com"])
@pytest.mark.parametrize("options", [("--version", "1"), ("--version", "2"), ("--large",)])
def test_another_name_at_its_address_is_refused(service, scope, name, options):
    with service.agents.lab.capture("udp") as capture, service.decisions(scope) as decisions:
        service.agents.run(scope, "dig", "+short", "api.lab-origin.com")
        result = ask(service, scope, name, HOSTS["api.lab-origin.com"][0], *options)
    assert result.returncode == 1 and "tls.sni_mismatch" in reasons(decisions)
    assert [line for line in capture.lines if ".53" not in line] == []


def test_jails_refuse_quic_so_that_clients_fall_back(lab, service):
    policy = lab.policy(f"version: 1\n{RULES}", "quic")
    result = lab.jail(
        "sh", "-c", f"dig +short api.lab-origin.com; /usr/bin/python3 {PEER} ask {HOSTS['api.lab-origin.com'][0]} 443 api.lab-origin.com "
        "/etc/ssl/certs/ca-certificates.crt", policy=policy, env={**ENVIRONMENT})
    assert "failed" in result.stdout, result.stderr
    assert "ip.protocol_not_allowed" in reasons(result.decisions)
