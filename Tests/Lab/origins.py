"""Starts the lab's origins: good ones, and one for each way an upstream can be bad."""

import authority
import lab as lab_module
from cryptography.hazmat.primitives.asymmetric import rsa


def start_origins(lab):
    (lab.folder / "root").mkdir()
    good = lab.certificate("good", "web.lab-origin.com", "other.lab-origin.com", "api.lab-origin.com",
                           "v6only.lab-origin.com", "alias.lab-origin.com")
    seen = lab.folder / "seen.jsonl"
    seen.touch()
    lab.seen = seen
    for host in ("web.lab-origin.com", "api.lab-origin.com", "v6only.lab-origin.com"):
        for address in filter(None, lab_module.HOSTS[host]):
            lab.origin(address, 443, good, "--root", lab.folder / "root", "--seen", seen)
            lab.origin(address, 80, "--seen", seen)
    evil = lab.certificate("evil", "forbidden.lab-evil.com")
    lab.origin(lab_module.HOSTS["forbidden.lab-evil.com"][0], 443, evil)
    for address in (lab_module.UNRESOLVED4, lab_module.UNRESOLVED6):
        lab.origin(address, 443, evil)
    lab.origin(lab_module.PRIVATE, 5432)
    start_bad_origins(lab)
    for host in ("web.lab-origin.com", "api.lab-origin.com"):
        for address in lab_module.HOSTS[host]:
            lab.wait_for_port(address, 443)
    for host, (v4, _) in lab_module.HOSTS.items():
        if host.endswith("lab-bad.com") and not host.startswith("down"):
            lab.wait_for_port(v4, 443)


def start_bad_origins(lab):
    now, day = authority.NOW, authority.DAY
    stranger = authority.Authority("Nobody's Root")

    def serve(label, pair, *options):
        host = f"{label}.lab-bad.com"
        path = authority.write_pair(lab.folder, label, pair)
        lab.origin(lab_module.HOSTS[host][0], 443, path, *options)

    serve("selfsigned", lab.root.self_signed_leaf("selfsigned.lab-bad.com"))
    serve("wrongname", lab.root.leaf("somebody-else.lab-bad.com"))
    serve("expired", lab.root.leaf("expired.lab-bad.com", not_before=now - 9 * day, not_after=now - day))
    serve("notyet", lab.root.leaf("notyet.lab-bad.com", not_before=now + day, not_after=now + 9 * day))
    serve("untrusted", stranger.leaf("untrusted.lab-bad.com"))
    serve("tls11", lab.root.leaf("tls11.lab-bad.com"), "--tls11")
    serve("rsakex", lab.root.leaf("rsakex.lab-bad.com", key=rsa.generate_private_key(65537, 2048)), "--rsa-kex")
    serve("weakkey", lab.root.leaf("weakkey.lab-bad.com", key=rsa.generate_private_key(65537, 1024)), "--weak")
