"""The main job, once."""

from lab import reasons

POLICY = """
version: 1
allow:
  - host: web.lab-origin.com
"""


def test_allowed_name_is_reached_and_others_are_refused(lab):
    policy = lab.policy(POLICY)
    result = lab.jail("curl", "-sS", "https://web.lab-origin.com/hello", policy=policy)
    assert result.stdout == "hello from the origin\n", result.stderr
    assert result.returncode == 0
    result = lab.jail("curl", "-sS", "https://forbidden.lab-evil.com/", policy=policy)
    assert result.returncode == 6
    assert reasons(result.decisions)[0] == "dns.name_not_allowed"
