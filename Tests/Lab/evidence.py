"""Bundles of `portcullis evidence`, and what holds for every one of them."""

import contextlib
import hashlib
import json
import os
import subprocess
import time
from pathlib import Path

import lab as module

# What must not be in a bundle, wherever it was met.
ARGUMENT = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "kLmN"
VARIABLE = "sk-" + "environment0Secret1Value2Of3The4Agent5"
PATH = "T0123ABCDE" + "xoxb9876543210ZYXWVU"
INLINE = "plain-hunter2-credential"
SECRETS = (ARGUMENT, VARIABLE, PATH, INLINE)

RULES = f"""
# token: {INLINE}
allow:
  - host: web.lab-origin.com
    paths: ["/slow", "/hello", "/hooks/{PATH}/**"]
  - {{ address: 10.1.2.3/32, ports: [5432] }}
"""
FILES = {"README.txt", "SHA256SUMS", "conntrack.json", "decisions.jsonl", "flows.json", "manifest.json", "policy.txt", "policy.yaml",
         "processes.json", "ruleset.nft", "sockets.json", "system.json"}


class Bundle:
    """A bundle that was made, with everything checked that holds for any."""

    def __init__(self, folder, result):
        self.folder = folder
        self.result = result
        assert result.returncode in (0, 3), result.stderr
        self.manifest = self.json("manifest.json")
        self.missing = {gap["part"]: gap["reason"] for gap in self.manifest["missing"]}
        assert self.manifest["complete"] == (not self.missing) == (result.returncode == 0)
        self.check_modes()
        self.check_sums()

    def json(self, name):
        return json.loads((self.folder / name).read_text())

    @property
    def names(self):
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}

    def check_modes(self):
        assert self.folder.stat().st_mode & 0o7777 == 0o700
        for path in self.folder.rglob("*"):
            assert path.stat().st_mode & 0o7777 == (0o700 if path.is_dir() else 0o600), path
        beside = [path.name for path in self.folder.parent.iterdir() if "partial" in path.name]
        assert beside == []

    def check_sums(self):
        checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=self.folder, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        listed = {line.split("  ", 1)[1] for line in (self.folder / "SHA256SUMS").read_text().splitlines()}
        assert listed == self.names - {"SHA256SUMS"}
        for entry in self.manifest["files"]:
            data = (self.folder / entry["name"]).read_bytes()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["size"], entry["sha256"])
        assert {entry["name"] for entry in self.manifest["files"]} == self.names - {"SHA256SUMS", "manifest.json"}
        assert hashlib.sha256((self.folder / "SHA256SUMS").read_bytes()).hexdigest() in self.result.stdout

    def check_log(self, index=0):
        """The proof is what the README says of it, with the log at hand."""
        entry = self.manifest["logs"][index]
        segment = (self.folder / entry["file"]).read_bytes()
        log = Path(entry["path"]).read_bytes()
        assert log[entry["from_offset"]:entry["to_offset"]] == segment
        assert hashlib.sha256(segment).hexdigest() == entry["sha256"]
        assert hashlib.sha256(log[:entry["from_offset"]]).hexdigest() == entry["sha256_before"]
        assert os.stat(entry["path"]).st_ino == entry["inode"]
        assert segment.count(b"\n") == entry["lines"] and segment[-1:] in (b"", b"\n")
        return [json.loads(line) for line in segment.splitlines()]

    def pins(self, agent):
        """Names and addresses that the gateway told; those of jails of one name are joined."""
        return {(pin["name"], pin["address"]) for entry in self.json("pins.json")["agents"] if entry["agent"] == agent
                for pin in entry["pins"]}

    def text(self):
        return b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())


def collect(out, *options, since="10m", **more):
    return module.sh(module.PORTCULLIS, "evidence", "--since", since, "-o", str(out), *options, check=False, **more)


def bundle(out, *options, **more):
    return Bundle(out, collect(out, *options, **more))


@contextlib.contextmanager
def talking(command, **options):
    """A command that holds a connection open; waits until its first byte has come."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)
    try:
        assert process.stdout.read(1), "nothing came"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def slow(ca=None):
    trust = ["--cacert", ca] if ca else []
    return ["curl", "-sSN", "-m", "60", *trust, "https://web.lab-origin.com/slow"]


def wait_for(condition, timeout=20):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
