"""DNS over TCP in every scope of `portcullis up`."""

import pytest
from lab import HOSTS, reasons
from scopes import SCOPES, Agents, Service


@pytest.fixture(scope="module")
def agents(lab):
    with Agents(lab) as made:
        yield made


@pytest.fixture(scope="module")
def service(agents):
    with Service(agents, "\nallow:\n  - host: web.lab-origin.com\n  - host: many.lab-origin.com\n") as running:
        yield running


@pytest.mark.parametrize("scope", SCOPES)
def test_names_are_judged_over_tcp(agents, service, scope):
    with agents.lab.capture("tcp port 53 and dst 8.8.8.8") as capture, service.decisions(scope) as decisions:
        allowed = agents.run(scope, "dig", "+tcp", "+tries=1", "+short", "@8.8.8.8", "web.lab-origin.com")
        refused = agents.run(scope, "dig", "+tcp", "+tries=1", "@8.8.8.8", "unlisted.example.org")
        cut = agents.run(scope, "dig", "+tries=1", "+short", "@8.8.8.8", "many.lab-origin.com")
    assert allowed.stdout.split() == [HOSTS["web.lab-origin.com"][0]], allowed.stdout + allowed.stderr
    assert "status: REFUSED" in refused.stdout and "dns.name_not_allowed" in refused.stdout
    assert len(set(cut.stdout.split())) == 200
    assert reasons(decisions) == ["dns.name_not_allowed"] and capture.lines == []
