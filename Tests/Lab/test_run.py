"""`portcullis run` as clumsy users, scripts and service managers call it."""

import os
import pty
import resource
import select
import shlex
import signal
import subprocess
import sys
import textwrap
import time

import pytest
import lab as module

POLICY = """
version: 1
allow:
  - host: web.lab-origin.com
"""
PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="module")
def policy(lab):
    return lab.policy(POLICY, "run")


def test_arguments_and_environment_pass_byte_for_byte(lab, policy):
    program = "import os, sys\nfor text in sys.argv[1:] + [os.environ['ODD'], os.environ['EMPTY']]: print(os.fsencode(text).hex())"
    words = [b"\xff\xfe a", b"", b"--", b"-q", b"caf\xe9", "é".encode()]
    environment = dict(os.environb) | {b"ODD": b"\xe9=\xff", b"EMPTY": b""}
    result = subprocess.run(
        [*lab.command(PYTHON, "-c", program, policy=policy, options=["-q"]), *words], capture_output=True, env=environment)
    assert [bytes.fromhex(line) for line in result.stdout.decode().split("\n")[:-1]] == [*words, b"\xe9=\xff", b""], result.stderr


def test_a_huge_argument_list(lab, policy):
    """As from xargs. It must not take time that grows with its square."""
    words = [str(number) for number in range(60_000)]
    started = time.monotonic()
    result = lab.jail(PYTHON, "-c", "import sys; print(len(sys.argv))", *words, policy=policy, timeout=60)
    assert result.stdout == "60001\n", result.stderr
    assert time.monotonic() - started < 10


def test_an_empty_program_name_is_not_found(lab, policy):
    result = lab.jail("", policy=policy)
    assert result.returncode == 127 and "not found" in result.stderr


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_standard_descriptors_are_nobody_elses(lab, policy, closed):
    """A number that is free would go to a socket of the gateway's, and messages for people would be written into it."""
    seen = lab.folder / "descriptors"
    seen.unlink(missing_ok=True)
    script = "curl -sS -o /dev/null https://web.lab-origin.com/hello; " \
        f"names=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo \"$names\" > {seen}"
    command = [module.PORTCULLIS, "run", "--policy", str(policy), "--", "sh", "-c", script]
    shell = subprocess.Popen(["sh", "-c", f'"$@" {closed} & wait $!', "sh", *command],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    shell.communicate(timeout=60)
    assert shell.returncode == 0
    names = seen.read_text().splitlines()
    assert len(names) == 3
    for number in (digit for digit in "012" if digit in closed.replace("&", "")):
        assert names[int(number)] == "/dev/null", names


def test_ignored_signals_stay_ignored(lab, policy):
    """nohup(1) means the command, too; and what the test's own parents ignore is ignored as without a jail."""
    question = ("grep", "SigIgn", "/proc/self/status")
    hang_up = 1 << signal.SIGHUP - 1
    for ignores in (True, False):
        def prepare(ignores=ignores):
            signal.signal(signal.SIGHUP, signal.SIG_IGN if ignores else signal.SIG_DFL)
        outside = subprocess.run(question, capture_output=True, text=True, preexec_fn=prepare).stdout
        inside = lab.jail(*question, policy=policy, preexec_fn=prepare).stdout
        assert inside == outside
        assert bool(int(inside.split()[1], 16) & hang_up) == ignores


def test_a_parent_that_ignores_its_children(lab, policy):
    command = lab.command("sh", "-c", "sleep 0.2; exit 7", policy=policy, options=["-q"])
    program = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    result = subprocess.run([sys.executable, "-c", program, *command], capture_output=True, text=True, timeout=60)
    assert result.returncode == 7, result.stderr


def test_the_command_keeps_its_limit_of_descriptors(lab, policy):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    result = lab.jail("sh", "-c", "ulimit -Sn; ulimit -Hn", policy=policy,
                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (700, hard)))
    assert result.stdout.split() == ["700", str(hard)]


def test_root_without_capabilities_is_told_what_is_missing(lab, policy):
    result = lab.jail(*lab.command("true", policy=policy), policy=policy)
    assert result.returncode == 125 and "CAP_SYS_ADMIN" in result.stderr


def test_the_log_does_not_follow_an_agents_link(lab, policy, tmp_path):
    target, link, folder = tmp_path / "target", tmp_path / "link", tmp_path / "folder"
    link.symlink_to(target)
    folder.symlink_to(tmp_path)
    for planted, log in ((link, link), (folder, folder / "target")):
        os.chown(planted, 65534, 65534, follow_symlinks=False)
        result = subprocess.run(lab.command("true", policy=policy, log=log), capture_output=True, text=True)
        assert result.returncode == 125 and str(planted) in result.stderr and not target.exists()
    os.chown(link, 0, 0, follow_symlinks=False)
    assert subprocess.run(lab.command("true", policy=policy, log=link)).returncode == 0 and target.exists()
    result = subprocess.run(lab.command("getent", "hosts", "forbidden.lab-evil.com", policy=policy, log="/dev/stderr"),
                            capture_output=True, text=True)
    assert '"action":"deny"' in result.stderr


def test_status_says_that_it_needs_root(lab):
    for flags in ([], ["--json"]):
        result = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", module.PORTCULLIS, "status", *flags],
                                capture_output=True, text=True)
        assert result.returncode == 1 and result.stdout == "" and "root" in result.stderr


class Shell:
    """An interactive shell on a terminal of its own."""

    def __init__(self):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execvpe("bash", ["bash", "--norc", "--noediting", "-i"], dict(os.environ, PS1="$ "))
        os.set_blocking(self.terminal, False)
        self.seen = ""
        self.read_until("$ ")

    def type(self, text):
        self.seen = ""
        os.write(self.terminal, text.encode())

    def read_until(self, text, seconds=10):
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < deadline, f"{text!r} did not come: {self.seen!r}"
            if select.select([self.terminal], [], [], 0.1)[0]:
                self.seen += os.read(self.terminal, 4096).decode()

    def close(self):
        os.close(self.terminal)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


@pytest.fixture
def shell():
    shell = Shell()
    yield shell
    shell.close()


STOPS_ITSELF = "import os, signal; print('be' 'gun', flush=True); os.kill(0, signal.SIGTSTP); print('go' 'ne on')"


@pytest.mark.parametrize("user", ["root", "nobody"])
def test_a_command_that_stops_itself_gives_the_shell_back(lab, policy, shell, user):
    """As editors do on Ctrl-Z, which they read themselves. The gateway is another user's, so they cannot stop it."""
    command = lab.command(PYTHON, "-c", STOPS_ITSELF, policy=policy, options=["-q", "--user", user])
    shell.type(shlex.join(command) + "; echo stopped with $?\n")
    shell.read_until("begun")
    shell.read_until("stopped with 148\r\n")
    shell.type("fg; echo ended with $?\n")
    shell.read_until("gone on")
    shell.read_until("ended with 0\r\n")


@pytest.mark.parametrize("user", ["root", "nobody"])
def test_control_z_stops_once(lab, policy, shell, user):
    program = "import time; print('be' 'gun', flush=True); time.sleep(1); print('go' 'ne on')"
    command = lab.command(PYTHON, "-c", program, policy=policy, options=["-q", "--user", user])
    shell.type(shlex.join(command) + "; echo stopped with $?\n")
    shell.read_until("begun")
    shell.type("\x1a")
    shell.read_until("stopped with 148\r\n")
    time.sleep(0.3)
    shell.type("fg; echo ended with $?\n")
    shell.read_until("gone on")
    shell.read_until("ended with 0\r\n")


def test_continuing_the_gateway_continues_the_command(lab, policy):
    program = "import os, signal\nprint('begun', flush=True)\nos.kill(os.getpid(), signal.SIGSTOP)\nprint('went on')"
    with lab.jailed(PYTHON, "-c", program, policy=policy) as jail:
        assert jail.stdout.readline() == "begun\n"
        time.sleep(0.5)
        jail.send_signal(signal.SIGCONT)
        assert jail.communicate(timeout=10)[0] == "went on\n"


def test_without_a_terminal_nothing_stops_the_gateway(lab, policy):
    program = "import os, signal, subprocess\n" \
        "subprocess.Popen(['sh', '-c', 'sleep 0.5; kill -CONT $PPID'])\nos.kill(os.getpid(), signal.SIGSTOP)\nprint('went on')"
    assert lab.jail(PYTHON, "-c", program, policy=policy, timeout=20).stdout == "went on\n"


def test_a_shell_in_the_jail_gives_the_terminal_back(lab, policy, shell):
    shell.type(shlex.join(lab.command("bash", "--norc", "--noediting", "-i", policy=policy, options=["-q", "--user", "nobody"])) + "\n")
    shell.type("echo in''side\n")
    shell.read_until("inside")
    shell.type("sleep 100\n")
    time.sleep(0.5)
    shell.type("\x03echo inter''rupted\n")
    shell.read_until("interrupted")
    shell.type("exit 9\n")
    time.sleep(0.5)
    shell.type("echo outer $?\n")
    shell.read_until("outer 9")
