"""The real clients that agents use. None of them is told of a proxy, or of a certificate, on its command line."""

import hashlib
import json
import os
import re
import subprocess
import textwrap
import threading
import time

import pytest
from lab import number, reasons

POLICY = """
version: 1
allow:
  - host: web.lab-origin.com
  - host: api.lab-origin.com
    methods: [GET, HEAD, POST]
    paths: ["/git/**", "/simple/**", "/echo"]
"""
HELLO = "hello from the origin\n"
URL = "https://web.lab-origin.com"


@pytest.fixture(scope="module")
def policy(lab):
    return lab.policy(POLICY, "clients")


@pytest.fixture
def home(lab, tmp_path):
    """A home folder for tools that want to write one."""
    return ["env", f"HOME={tmp_path}"]


def python(lab, policy, program, *arguments, interpreter="/usr/bin/python3"):
    return lab.jail(interpreter, "-c", textwrap.dedent(program), *arguments, policy=policy)


def test_curl(lab, policy):
    result = lab.jail("curl", "-sSv", "--http1.1", f"{URL}/hello", policy=policy)
    assert result.stdout == HELLO, result.stderr
    assert "SSL certificate verify ok" in result.stderr
    assert [(d["stage"], d["action"]) for d in result.decisions if d["stage"] == "http"] == [("http", "allow")]
    assert result.decisions[-1]["subject"] == "GET web.lab-origin.com/hello"
    assert result.decisions[-1]["rule"].endswith("clients.yaml:4")


def test_curl_that_would_rather_speak_http2(lab, policy):
    result = lab.jail("curl", "-sS", f"{URL}/hello", policy=policy)
    assert result.stdout == HELLO, result.stderr


def test_curl_without_tls(lab, policy):
    result = lab.jail("curl", "-sS", "http://web.lab-origin.com/hello", policy=policy)
    assert result.stdout == HELLO, result.stderr


def test_wget(lab, policy):
    result = lab.jail("wget", "-q", "-O", "-", f"{URL}/hello", policy=policy)
    assert result.stdout == HELLO, result.stderr


def test_openssl(lab, policy):
    result = lab.jail(
        "sh", "-c", "printf 'GET /hello HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\nConnection: close\\r\\n\\r\\n' | "
        "openssl s_client -quiet -verify_return_error -servername web.lab-origin.com -connect web.lab-origin.com:443",
        policy=policy)
    assert result.stdout.endswith(HELLO), result.stderr
    assert "verify error" not in result.stderr


def test_requests(lab, policy):
    result = python(lab, policy, f"""
        import requests
        session = requests.Session()
        for _ in range(5):
            print(session.get({URL!r} + "/hello").text, end="")
        print(session.put({URL!r} + "/upload", data=b"x" * 100000).text)
        """)
    assert result.stdout.startswith(HELLO * 5 + "100000 "), result.stderr


def test_httpx(lab, policy):
    result = python(lab, policy, f"""
        import httpx
        with httpx.Client() as client:
            for _ in range(5):
                print(client.get({URL!r} + "/hello").text, end="")
        """)
    assert result.stdout == HELLO * 5, result.stderr


def test_urllib(lab, policy):
    result = python(lab, policy, f"""
        import urllib.request
        print(urllib.request.urlopen({URL!r} + "/hello").read().decode(), end="")
        """)
    assert result.stdout == HELLO, result.stderr


def test_node_fetch(lab, policy):
    program = f"""
        const answer = await fetch("{URL}/hello");
        process.stdout.write(await answer.text());
        const sent = await fetch("{URL}/upload", {{method: "PUT", body: "y".repeat(200000)}});
        process.stdout.write(await sent.text());
        """
    result = lab.jail("node", "--input-type=module", "-e", program, policy=policy)
    assert result.stdout.startswith(HELLO + "200000 "), result.stderr


def test_java(lab, policy, tmp_path):
    source = tmp_path / "Fetch.java"
    source.write_text("""
        import java.net.*; import java.net.http.*;
        public class Fetch { public static void main(String[] a) throws Exception {
            var request = HttpRequest.newBuilder(URI.create(a[0])).build();
            System.out.print(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body()); } }
        """)
    os.chmod(tmp_path, 0o755)
    if subprocess.run(["which", "java"], capture_output=True).returncode != 0:
        pytest.fail("java is missing: install default-jdk-headless")
    result = lab.jail("java", source, f"{URL}/hello", policy=policy)
    assert result.stdout == HELLO, result.stderr


def test_git_clone_and_push(lab, policy, home, tmp_path):
    bare = lab.folder / "root" / "git" / "project.git"
    bare.parent.mkdir(exist_ok=True)
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    subprocess.run(["git", "-C", str(bare), "config", "http.receivepack", "true"], check=True)
    script = f"""
        set -e
        cd {tmp_path}
        git init -q seed && cd seed
        git config user.email lab@example.com && git config user.name lab
        head -c 300000 /dev/urandom > data && git add data && git commit -qm first
        git push -q {URL}/git/project.git HEAD:refs/heads/main
        cd .. && git clone -q -b main {URL}/git/project.git copy
        cmp seed/data copy/data && echo same
        """
    result = lab.jail(*home, "sh", "-c", script, policy=policy)
    assert result.stdout == "same\n", result.stderr


def test_pip_install_from_a_simple_index(lab, policy, home, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "setup.py").write_text("from setuptools import setup\nsetup(name='labpackage', version='1.0', py_modules=['labpackage'])\n")
    (source / "labpackage.py").write_text("answer = 42\n")
    index = lab.folder / "root" / "simple" / "labpackage"
    index.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["/usr/bin/python3", "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(index), str(source)],
        check=True)
    target = tmp_path / "target"
    result = lab.jail(
        *home, "/usr/bin/python3", "-m", "pip", "install", "--disable-pip-version-check", "--index-url",
        "https://api.lab-origin.com/simple", "--target", target, "labpackage", policy=policy, timeout=120)
    assert result.returncode == 0, result.stderr
    assert (target / "labpackage.py").read_text() == "answer = 42\n"


def test_a_method_and_a_path_that_are_not_allowed(lab, policy):
    result = lab.jail("curl", "-sS", "-X", "DELETE", "https://api.lab-origin.com/echo", policy=policy)
    answer = json.loads(result.stdout)
    assert answer["status"] == 403 and answer["reason"] == "http.method_not_allowed"
    assert "DELETE" in answer["allow_with"] and answer["decided_by"].endswith("clients.yaml:5")
    result = lab.jail("curl", "-sS", "https://api.lab-origin.com/private", policy=policy)
    assert json.loads(result.stdout)["reason"] == "http.path_not_allowed"
    assert reasons(result.decisions) == ["http.path_not_allowed"]


MEGABYTES = 100


def resident_kib(process):
    with open(f"/proc/{process}/status") as status:
        return number(r"VmRSS:\s+(\d+)", status.read())


def test_100_megabytes_down_and_up_bit_for_bit_in_bounded_memory(lab, policy, tmp_path):
    size = MEGABYTES * 1_000_000
    pattern = bytes(range(256)) * 256
    digest, left = hashlib.sha256(), size
    with open(tmp_path / "up", "wb") as file:
        while left:
            piece = pattern[:min(left, len(pattern))]
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
    script = f"""
        curl -sS {URL}/big/{size} | sha256sum
        curl -sS -T {tmp_path}/up {URL}/upload
        curl -sS -T - -H 'Transfer-Encoding: chunked' {URL}/upload < {tmp_path}/up
        """
    peak = 0
    with lab.jailed("sh", "-c", script, policy=policy) as jail:
        def watch():
            nonlocal peak
            while jail.poll() is None:
                try:
                    peak = max(peak, resident_kib(jail.pid) or 0)
                except OSError:
                    return
                time.sleep(0.02)
        watcher = threading.Thread(target=watch)
        watcher.start()
        output, errors = jail.communicate(timeout=300)
        watcher.join()
    expected = digest.hexdigest()
    assert re.findall(r"[0-9a-f]{64}", output) == [expected] * 3, errors
    assert output.count(f"{size} ") == 2
    # Three transfers of 100 MB: were any body held, this would be ten times over.
    assert peak < 96 * 1024, f"{peak} KiB resident"
    print(f"peak resident memory over three transfers of {MEGABYTES} MB: {peak} KiB")


def test_slow_reader_holds_the_origin_back(lab, policy):
    """50 MB to a client that reads nothing for a while: the gateway buffers no more than its limits."""
    program = f"""
        import socket, ssl, time
        s = ssl.create_default_context().wrap_socket(
            socket.create_connection(("web.lab-origin.com", 443)), server_hostname="web.lab-origin.com")
        s.sendall(b"GET /big/50000000 HTTP/1.1\\r\\nHost: web.lab-origin.com\\r\\nConnection: close\\r\\n\\r\\n")
        print("asked", flush=True)
        time.sleep(3)
        total = 0
        while piece := s.recv(65536):
            total += len(piece)
        print(total)
        """
    with lab.jailed("/usr/bin/python3", "-c", textwrap.dedent(program), policy=policy) as jail:
        assert jail.stdout.readline() == "asked\n"
        before = resident_kib(jail.pid)
        time.sleep(2.5)
        grown = resident_kib(jail.pid) - before
        total = int(jail.communicate(timeout=60)[0])
    assert grown < 8 * 1024 and total > 50_000_000
