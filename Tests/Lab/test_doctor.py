"""`portcullis doctor`: what it says of the kill switch, and that it leaves nothing behind."""

import json
import os
import re

import lab as module


def test_the_kill_switch_is_tried(lab):
    before = module.sh("nft", "list", "ruleset").stdout
    findings = {finding["subject"]: finding for finding in json.loads(module.sh(module.PORTCULLIS, "doctor", "--json").stdout)}
    assert module.sh("nft", "list", "ruleset").stdout == before
    finding = findings["kill switch"]
    assert finding["ok"] and finding["required"], finding
    found = re.fullmatch(r"woken and read back, 10 hooks; (\d+) µs to wake, the median of 20", finding["detail"])
    assert found and int(found[1]) > 0, finding
    assert findings["real-time priority"]["required"] is False


def test_real_time_priority_that_cannot_be_had(lab):
    """No capability and no limit for it: said, and no failure."""
    result = module.sh("capsh", "--drop=cap_sys_nice", "--", "-c", f"exec {module.PORTCULLIS} doctor", check=False)
    lines = {line.split(":")[0]: line for line in result.stdout.splitlines()}
    assert "none real-time priority" in lines, result.stdout + result.stderr
    assert result.returncode == 0
