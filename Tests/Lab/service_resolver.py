"""A resolver with HTTPS records, which dnsmasq has not: each with all that a gateway must take out of it.

    service_resolver.py LISTEN ADDRESS

Every name has the address, and these service bindings: the name itself with `ech`, HTTP/3, a private hint and an unknown
parameter; another port; a target that nobody allowed; a malformed record.
"""

import socket
import struct
import sys

LISTEN, ADDRESS = sys.argv[1:]


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def parameter(key, value):
    return struct.pack("!HH", key, len(value)) + value


ALPN = parameter(1, b"\x02h2\x02h3")
HINTS = parameter(4, socket.inet_aton(ADDRESS) + socket.inet_aton("10.0.0.5"))
ECH = parameter(5, struct.pack("!HHH", 6, 0xfe0d, 2) + b"\1\2")
SERVICES = [
    b"\0\1\0" + ALPN + HINTS + ECH + parameter(65400, b"carried out"),
    b"\0\2\0" + ALPN + parameter(3, struct.pack("!H", 8443)),
    b"\0\3" + name("evil.lab-evil.org") + ALPN + HINTS,
    b"\0\4\0" + ALPN + ALPN,
]


def record(kind, data):
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


def answer(query):
    end = query.index(b"\0", 12) + 5
    kind, = struct.unpack("!H", query[end - 4:end - 2])
    records = {1: [record(1, socket.inet_aton(ADDRESS))], 65: [record(65, data) for data in SERVICES]}.get(kind, [])
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, len(records), 0, 0)
    return head + query[12:end] + b"".join(records)


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((LISTEN, 53))
print("ready", flush=True)
while True:
    query, sender = server.recvfrom(4096)
    server.sendto(answer(query), sender)
