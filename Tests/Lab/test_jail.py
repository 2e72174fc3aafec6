"""What a jailed command is and is not: its rights, its terminal, its exit code, and what is left of it."""

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import textwrap
import time

import pytest
import lab as module

POLICY = """
version: 1
allow:
  - host: web.lab-origin.com
"""


@pytest.fixture(scope="module")
def policy(lab):
    return lab.policy(POLICY, "jail")


@pytest.mark.parametrize("command,code", [
    (["true"], 0), (["sh", "-c", "exit 7"], 7), (["sh", "-c", "exit 124"], 124), (["sh", "-c", "kill -TERM $$"], 143),
    (["sh", "-c", "kill -KILL $$"], 137), (["/nonexistent/program"], 127), (["no-such-program"], 127), (["/etc/passwd"], 126)])
def test_exit_codes(lab, policy, command, code):
    assert lab.jail(*command, policy=policy).returncode == code


def test_own_failures_are_125(lab, policy):
    broken = lab.policy("version: 1\nallow:\n  - hosts: x\n", "broken")
    result = lab.jail("true", policy=broken)
    assert result.returncode == 125 and "broken.yaml:3:" in result.stderr
    result = lab.jail("true", policy="/nonexistent/policy.yaml")
    assert result.returncode == 125 and "No such file" in result.stderr
    result = lab.jail("true", policy=policy, options=["--user", "nobody-by-this-name"])
    assert result.returncode == 125
    result = lab.jail("echo", "started", policy=policy, options=["--allow-socket", "/nonexistent.sock"])
    assert result.returncode == 125 and result.stdout == "" and "/nonexistent.sock" in result.stderr
    result = subprocess.run([module.PORTCULLIS, "run"], capture_output=True, text=True)
    assert result.returncode == 125
    result = subprocess.run([module.PORTCULLIS, "run", "--bogus", "--", "true"], capture_output=True, text=True)
    assert result.returncode == 125
    result = subprocess.run(
        ["setpriv", "--reuid", "65534", "--clear-groups", "--bounding-set", "-all", module.PORTCULLIS, "run", "--", "true"],
        capture_output=True, text=True)
    assert result.returncode == 125 and "root" in result.stderr


def test_no_rights(lab, policy):
    result = lab.jail("cat", "/proc/self/status", policy=policy)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert re.search(rf"{name}:\s+0+\n", result.stdout), name
    assert re.search(r"NoNewPrivs:\s+1", result.stdout) and re.search(r"Seccomp:\s+2", result.stdout)


def test_runs_as_the_invoking_user_or_another(lab, policy):
    environment = dict(os.environ, SUDO_UID="65534", SUDO_GID="65534", SUDO_USER="nobody")
    result = lab.jail("id", "-un", policy=policy, env=environment)
    assert result.stdout == "nobody\n"
    result = lab.jail("sh", "-c", "id -un; id -G; echo $HOME $USER", policy=policy, options=["--user", "daemon"])
    assert result.stdout.splitlines() == ["daemon", "1", "/usr/sbin daemon"]


def test_another_family_of_sockets_is_not_a_way_out(lab, policy):
    program = textwrap.dedent("""
        import socket
        for family in (40, 2, 10, 1, 16, 17, 38, 42, 44):
            try: socket.socket(family, socket.SOCK_DGRAM if family != 40 else socket.SOCK_STREAM).close(); print(family, "open")
            except OSError as error: print(family, error.errno)
        """)
    result = lab.jail("/usr/bin/python3", "-c", program, policy=policy)
    lines = dict(line.split() for line in result.stdout.splitlines())
    assert lines["2"] == lines["10"] == lines["1"] == "open"
    for family in ("40", "17", "38", "42", "44"):
        assert lines[family] == "97", (family, lines[family])


def test_nothing_is_typed_into_the_terminal(lab, policy):
    """TIOCSTI would put a command into the input of the shell that started the jail."""
    program = "import fcntl, os, sys\nfor command in (0x5412, 0x541c):\n" \
        "  try: fcntl.ioctl(0, command, b'x'); print('typed')\n  except OSError as error: print(error.errno)"
    leader, follower = pty.openpty()
    result = lab.jail("/usr/bin/python3", "-c", program, policy=policy, stdin=follower)
    assert result.stdout.split() == ["1", "1"], result.stderr
    os.close(leader)
    os.close(follower)


def test_a_namespace_below_gets_no_further(lab, policy):
    """In a user namespace of its own the agent is root, and still has no other network."""
    with lab.capture() as capture:
        result = lab.jail(
            "sh", "-c", "unshare -Urn sh -c 'ip link; ping -c1 -W1 93.184.216.34'; "
            "unshare -Urm umount /run; ls /run; nsenter -t 1 -n true", policy=policy, options=["--user", "nobody"])
    assert capture.lines == [] and "uplink0" not in result.stdout
    assert "docker" not in result.stdout


def test_sockets_of_the_host_are_covered(lab, policy, tmp_path):
    os.chmod(tmp_path, 0o755)
    path = str(tmp_path / "service.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o777)
    listener.listen()
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0portcullis-lab-abstract")
    abstract.listen()
    dial = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1].replace('@', chr(0))); print('connected')"
    for target in (path, "@portcullis-lab-abstract"):
        result = lab.jail("/usr/bin/python3", "-c", dial, target, policy=policy)
        assert "connected" not in result.stdout and "ConnectionRefused" in result.stderr, target
    result = lab.jail("/usr/bin/python3", "-c", dial, path, policy=policy, options=["--allow-socket", path])
    assert result.stdout == "connected\n"
    listener.close()
    abstract.close()


def test_run_is_empty_and_the_command_sees_no_other_process(lab, policy):
    result = lab.jail("sh", "-c", "ls /run; ls -d /proc/[0-9]* | wc -l", policy=policy)
    lines = result.stdout.split()
    assert set(lines[:-1]) <= {"lock", "portcullis", "user"} and int(lines[-1]) <= 4


def test_trust_variables(lab, policy):
    result = lab.jail("env", policy=policy, env=dict(os.environ, https_proxy="http://proxy:1", JAVA_TOOL_OPTIONS="-Xint"))
    variables = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
    for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO",
                 "AWS_CA_BUNDLE", "NIX_SSL_CERT_FILE", "BUNDLE_SSL_CA_CERT", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
                 "HTTPLIB2_CA_CERTS"):
        assert variables[name] == "/run/portcullis/bundle.pem", name
    for name in ("NODE_EXTRA_CA_CERTS", "DENO_CERT"):
        assert variables[name] == "/run/portcullis/ca.pem", name
    assert variables["SSL_CERT_DIR"].split(":")[0] == "/run/portcullis/certs"
    assert variables["JAVA_TOOL_OPTIONS"].startswith("-Xint -Djavax.net.ssl.trustStore=")
    assert "https_proxy" not in variables
    counts = lab.jail(
        "sh", "-c", "for f in $SSL_CERT_FILE $NODE_EXTRA_CA_CERTS /etc/ssl/certs/ca-certificates.crt; do "
        "grep -c BEGIN $f; done; openssl verify -CApath /run/portcullis/certs -no-CAfile /run/portcullis/ca.pem", policy=policy)
    bundle, own, system, verified, *_ = counts.stdout.splitlines()
    assert int(bundle) == int(system) > 100 and own == "1" and verified.endswith("OK"), counts.stdout
    on_host = subprocess.run(["grep", "-c", "BEGIN", "/etc/ssl/certs/ca-certificates.crt"], capture_output=True, text=True)
    assert int(on_host.stdout) == int(system) - 1


def test_key_tool_reads_the_java_store(lab, policy):
    result = lab.jail(
        "keytool", "-list", "-keystore", "/run/portcullis/cacerts.jks", "-storepass", "changeit", policy=policy)
    assert re.search(r"contains \d+ entries", result.stdout), result.stdout + result.stderr


def test_several_jails_at_once(lab, policy):
    with lab.jailed("sh", "-c", "sleep 2; curl -sS https://web.lab-origin.com/hello", policy=policy) as first, \
            lab.jailed("sh", "-c", "sleep 2; curl -sS https://web.lab-origin.com/hello", policy=policy) as second, \
            lab.jailed("sh", "-c", "sleep 2; curl -sS https://forbidden.lab-evil.com/", policy=policy) as third:
        assert first.communicate(timeout=30)[0] == second.communicate(timeout=30)[0] == "hello from the origin\n"
        third.communicate(timeout=30)
        assert third.returncode == 6


def statuses():
    return sorted(os.listdir("/run/portcullis")) if os.path.exists("/run/portcullis") else []


def traces():
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True).stdout
    rules = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True).stdout
    with open("/proc/self/mountinfo") as mounts:
        return links, rules, mounts.read(), statuses()


def test_nothing_is_left_behind(lab, policy):
    lab.jail("true", policy=policy)
    before = traces()
    lab.jail("sh", "-c", "sleep 1000 & exit 3", policy=policy)
    assert traces() == before
    assert before[1] == "" and before[3] == []


def test_what_a_killed_gateway_leaves_is_removed_at_the_next_start(lab, policy):
    with lab.jailed("sleep", "1000", policy=policy) as jail:
        wait_for(statuses)
        children = subprocess.run(["pgrep", "-P", str(jail.pid)], capture_output=True, text=True).stdout.split()
        jail.kill()
        jail.wait()
        wait_for(lambda: not any(os.path.exists(f"/proc/{child}") for child in children))
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True).stdout
    assert "agent0" not in links
    lab.jail("true", policy=policy)
    assert statuses() == [] and not os.path.exists("/run/portcullis")


def wait_for(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_command(lab, policy, number):
    program = textwrap.dedent(f"""
        import signal, sys
        signal.signal({int(number)}, lambda *_: sys.exit(33))
        print("ready", flush=True)
        signal.pause()
        """)
    with lab.jailed("/usr/bin/python3", "-c", program, policy=policy) as jail:
        assert jail.stdout.readline() == "ready\n"
        jail.send_signal(number)
        assert jail.wait(5) == 33


def test_a_terminal_passes_through(lab, policy):
    """The command gets the terminal; Ctrl-C reaches it by its process group, and the gateway lives on until it ends."""
    program = "import os, signal, sys, time\nsignal.signal(2, lambda *_: (print('caught', flush=True), sys.exit(5)))\n" \
        "print(os.isatty(0), os.isatty(1), os.get_terminal_size().columns, flush=True)\ntime.sleep(20)"
    child, terminal = pty.fork()
    if child == 0:
        os.execv(module.PORTCULLIS, lab.command("/usr/bin/python3", "-c", program, policy=policy, options=["--quiet"]))
    os.set_blocking(terminal, False)
    seen = ""

    def read_until(text):
        nonlocal seen
        deadline = time.monotonic() + 10
        while text not in seen and time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    seen += os.read(terminal, 4096).decode()
                except OSError:
                    break
        assert text in seen, seen

    read_until("True True")
    os.write(terminal, b"\x03")
    read_until("caught")
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 5
    os.close(terminal)


def test_log_is_json_elsewhere_and_lines_on_a_terminal(lab, policy):
    command = [module.PORTCULLIS, "run", "--policy", str(policy), "--", "getent", "hosts", "forbidden.lab-evil.com"]
    elsewhere = subprocess.run(command, capture_output=True, text=True)
    decision = json.loads(elsewhere.stderr.splitlines()[0])
    assert decision["action"] == "deny" and decision["allow_with"] == "- host: forbidden.lab-evil.com"
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", decision["time"])
    leader, follower = pty.openpty()
    subprocess.run(command, stderr=follower, stdout=subprocess.DEVNULL)
    shown = os.read(leader, 65536).decode()
    assert "dns.name_not_allowed" in shown and "to allow: - host: forbidden.lab-evil.com" in shown and "{" not in shown
    log = lab.folder / "mode.jsonl"
    lab.jail("true", policy=policy, options=["--log", log])


def test_without_a_policy_everything_is_refused_and_the_first_denial_says_what_to_do(lab, tmp_path):
    result = lab.jail("getent", "hosts", "web.lab-origin.com", cwd=tmp_path, env=dict(os.environ, HOME=str(tmp_path)))
    assert result.decisions[0]["reason"] == "policy.missing"


def test_the_policy_is_found_where_it_should_be(lab, tmp_path):
    (tmp_path / "portcullis.yaml").write_text(POLICY)
    result = lab.jail("curl", "-sS", "https://web.lab-origin.com/hello", cwd=tmp_path)
    assert result.stdout == "hello from the origin\n", result.stderr


def test_allow_and_observe_on_the_command_line(lab):
    result = lab.jail("curl", "-sS", "https://web.lab-origin.com/hello", options=["--allow", "web.lab-origin.com"], cwd="/")
    assert result.stdout == "hello from the origin\n", result.stderr
    result = lab.jail("curl", "-sS", "https://api.lab-origin.com/hello", options=["--observe"], cwd="/")
    assert result.stdout == "hello from the origin\n", result.stderr
    assert {d["action"] for d in result.decisions} == {"observe"}
    assert any("api.lab-origin.com" in d.get("allow_with", "") for d in result.decisions)


def test_a_resolver_file_that_leads_into_run(lab, policy):
    """As with systemd-resolved: /etc/resolv.conf is a link into the folder that the jail finds empty."""
    script = """
        set -e
        work=$(mktemp -d); mount -t tmpfs none $work; mkdir $work/upper $work/work
        umount /etc/resolv.conf
        mount -t overlay overlay -o lowerdir=/etc,upperdir=$work/upper,workdir=$work/work /etc
        mount -t tmpfs none /run; mkdir -p /run/systemd/resolve
        echo 'nameserver 9.9.9.9' > /run/systemd/resolve/stub-resolv.conf
        rm /etc/resolv.conf; ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
        "$@"
        """
    command = lab.command("sh", "-c", "cat /etc/resolv.conf; getent hosts web.lab-origin.com", policy=policy, options=["-q"])
    result = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *command], capture_output=True, text=True)
    assert "nameserver 192.0.0.1" in result.stdout and "lab-origin.com" in result.stdout, result.stderr
