"""No way around by fragments: datagrams, queries and openings in pieces, whole ones and impossible ones."""

import pytest
from bypass import ROOTED, Field
from lab import HOSTS, UNRESOLVED4, UNRESOLVED6
from test_bypass_protocols import place


@pytest.fixture(scope="module")
def field(lab):
    with Field(lab) as made:
        for scope in ROOTED:
            made.resolve(scope)
        yield made


@pytest.mark.parametrize("family", [0, 1])
def test_without_a_gateway_fragments_leave(field, family):
    destination = (UNRESOLVED4, UNRESOLVED6)[family]
    with field.lab.capture(f"dst host {destination}") as capture:
        field.tries("free", "fragments", *place(field, "free", family), root=True, program="raw_packets.py")
    assert len(capture.lines) >= 6


@pytest.mark.parametrize("scope", ROOTED)
@pytest.mark.parametrize("family", [0, 1])
def test_fragments_do_not_leave(field, scope, family):
    """To an address nobody resolved, and to an allowed one, where the opening alone may pass once it is whole."""
    link, own, gateway, unresolved = place(field, scope, family)
    for destination in (unresolved, HOSTS["web.lab-origin.com"][family]):
        with field.attempt(scope, f"dst host {destination} and not port 443 or ip[6:2] & 0x3fff != 0 or ip6[6] == 44") as attempt:
            found = field.tries(scope, "fragments", link, own, gateway, destination, root=True, program="raw_packets.py")
        assert {outcome for outcome, _ in found.values()} == {"sent"} and attempt.arrived == []
        # The whole ones are read as if they had come in one piece.
        assert {"ip.protocol_not_allowed", "dns.name_not_allowed"} <= set(attempt.reasons), attempt.reasons
