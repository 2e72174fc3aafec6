"""The kill switch: `portcullis drop` and `raise`, whatever state the daemon is in."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time

import lab as module
import pytest
from lab import PRIVATE
from scopes import SCOPES, Agents, Service

RULES = """
allow:
  - host: web.lab-origin.com
  - host: tls.lab-origin.com
  - { address: 10.1.2.3/32, ports: [5432] }
"""


@pytest.fixture(scope="module")
def agents(lab):
    with Agents(lab) as made:
        yield made


def drop(*options, check=True):
    result = module.sh(module.PORTCULLIS, "drop", *options, "--reason", "a test", check=False)
    if check:
        assert result.returncode == 0, result.stdout + result.stderr
    return result


def lift(*options):
    result = module.sh(module.PORTCULLIS, "raise", *options, "--reason", "a test is over", check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def reaches(agents, scope):
    return agents.run(scope, "curl", "-sS", "-m", "3", "http://web.lab-origin.com/hello").returncode == 0


@pytest.mark.parametrize("scope", SCOPES)
def test_each_kind_of_agent_is_cut_off_and_let_go_on(agents, scope):
    with Service(agents, RULES):
        others = [other for other in SCOPES if other != scope]
        assert reaches(agents, scope)
        report = drop("--agent", scope)
        assert "as loaded" in report.stdout and "FAILED" not in report.stdout, report.stdout
        with agents.lab.capture() as capture:
            assert not reaches(agents, scope)
        assert capture.lines == []
        assert all(reaches(agents, other) for other in others), "the others go on"
        lift("--agent", scope)
        assert reaches(agents, scope)
