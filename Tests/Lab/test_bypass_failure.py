"""No way around by overload or by the daemon's end: in the scopes that test_service.py leaves out, the jail among them."""

import os
import signal
import time

import lab as module
import pytest
from bypass import EVERYBODY, Field
from lab import HOSTS, UNRESOLVED4, UNRESOLVED6

OUT = f"dst host {UNRESOLVED4} or dst host {UNRESOLVED6}"


@pytest.fixture
def field(lab):
    with Field(lab) as made:
        yield made


def reaches(field, scope):
    return field.run(scope, "curl", "-sS", "-m", "1", "http://web.lab-origin.com/hello").returncode == 0


def escapes(field, scope):
    found = field.tries(scope, "dial", f"{UNRESOLVED4},443", f"{UNRESOLVED6},443", patience=0.3)
    field.tries(scope, "send", 17, f"{UNRESOLVED4},9999", patience=0.05)
    return "connected" in {outcome for outcome, _ in found.values()}


def test_a_daemon_that_stands_still_or_dies_lets_nobody_out(field):
    assert all(reaches(field, scope) for scope in EVERYBODY)
    for end in (signal.SIGSTOP, signal.SIGKILL):
        os.kill(field.service.process.pid, end)
        if end == signal.SIGKILL:
            field.service.process.wait()
        with field.lab.capture(OUT) as capture:
            for scope in ("cgroup", "bridge", "veth", "cable"):
                assert not escapes(field, scope) and not reaches(field, scope), (scope, end)
        assert capture.lines == []
        if end == signal.SIGSTOP:
            os.kill(field.service.process.pid, signal.SIGCONT)
            time.sleep(0.5)
            assert all(reaches(field, scope) for scope in EVERYBODY)
    # The jail has a daemon of its own.
    assert reaches(field, "jail") and not escapes(field, "jail")
    field.service.start()
    for scope in field.scopes:
        # A cable's network ended with its gateway; the new one has laid another.
        assert reaches(field, scope) and not escapes(field, scope), scope
    assert escapes(field, "free")


def test_a_jails_gateway_that_stands_still_lets_nobody_out(field):
    os.kill(field.jail.pid, signal.SIGSTOP)
    with field.lab.capture(OUT) as capture:
        assert not escapes(field, "jail") and not reaches(field, "jail")
    os.kill(field.jail.pid, signal.SIGCONT)
    assert capture.lines == [] and reaches(field, "jail")


@pytest.mark.parametrize("kind", [["-2", "-p", "9999"], ["-S", "-p", "443"]])
def test_a_flood_opens_no_gap_and_stops_nobody_else(field, kind):
    """An agent floods the queue while another process of it tries to get out."""
    for scope in ("interface", "bridge", "veth", "cable", "jail"):
        flood = field.start(scope, "timeout", "3", "hping3", "--flood", "-q", "-n", *kind, UNRESOLVED4, root=True)
        time.sleep(0.3)
        with field.lab.capture(OUT) as capture:
            assert not escapes(field, scope)
            assert flood.poll() is None, scope
        assert [line for line in capture.lines if " 81.2.69.142" in line or "2a02" in line] == []
        assert module.sh("curl", "-sSk", "-m", "5", f"https://{UNRESOLVED4}/hello").stdout == "hello from the origin\n"
        flood.terminate()
        flood.wait()


@pytest.mark.parametrize("scope", EVERYBODY)
def test_an_answer_is_its_askers_alone(field, scope):
    """How long it stands is PinTableTests' matter; for an agent that was never given it, it stands for nothing."""
    given = HOSTS["web.lab-origin.com"][0]
    other = EVERYBODY[EVERYBODY.index(scope) - 1]
    assert field.run(scope, "dig", "+short", "web.lab-origin.com").stdout.split() == [given]
    resolve = ["--resolve", f"web.lab-origin.com:80:{given}"]
    assert field.run(scope, "curl", "-sS", "-m", "5", *resolve, "http://web.lab-origin.com/hello").returncode == 0
    with field.attempt(other, f"host {given}") as attempt:
        assert field.run(other, "curl", "-sS", "-m", "5", *resolve, "http://web.lab-origin.com/hello").returncode == 7
    assert attempt.arrived == [] and attempt.reasons == ["ip.not_resolved"]
