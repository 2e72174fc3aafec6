"""Packets by hand, for root in an agent's own network: frames, headers' options, and quotes of other flows.

    raw_packets.py frames LINK OWN GATEWAY DESTINATION
    raw_packets.py routes LINK OWN GATEWAY STATION DESTINATION
    raw_packets.py spoofs LINK OWN GATEWAY DESTINATION SOURCE ...
    raw_packets.py fragments LINK OWN GATEWAY DESTINATION
    raw_packets.py errors LINK OWN GATEWAY DESTINATION INTERCEPTED

One line of JSON for each that was sent. The builders are for other programs, too.
"""

import re
import socket
import struct
import subprocess
import sys

from attempts import report

SECRET = b"portcullis-secret" * 8


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def pseudo(source, destination, protocol, length):
    if ":" in source:
        return packed(source) + packed(destination) + struct.pack("!II", length, protocol)
    return packed(source) + packed(destination) + struct.pack("!BBH", 0, protocol, length)


def udp(source, destination, source_port, port, data):
    header = struct.pack("!HHHH", source_port, port, 8 + len(data), 0)
    total = checksum(pseudo(source, destination, 17, 8 + len(data)) + header + data) or 0xffff
    return header[:6] + struct.pack("!H", total) + data


def tcp(source, destination, source_port, port, sequence, acknowledgement, flags, data=b"", window=8192, options=b"", bad=False):
    options += b"\0" * (-len(options) % 4)
    header = struct.pack("!HHIIBBHHH", source_port, port, sequence % 2**32, acknowledgement % 2**32,
                         (5 + len(options) // 4) << 4, flags, window, 0, 0) + options
    total = checksum(pseudo(source, destination, 6, len(header + data)) + header + data) ^ (0x5555 if bad else 0)
    return header[:16] + struct.pack("!H", total) + header[18:] + data


def ip(source, destination, protocol, payload, options=b"", hops=64, identifier=0x5043, fragment=0):
    if ":" in source:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, hops) + packed(source) + packed(destination) + payload
    options += b"\0" * (-len(options) % 4)
    header = struct.pack("!BBHHHBBH4s4s", 0x40 | 5 + len(options) // 4, 0, 20 + len(options) + len(payload), identifier, fragment,
                         hops, protocol, 0, packed(source), packed(destination)) + options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def chained(headers, protocol, payload):
    """IPv6 extension headers (kind, bytes after the first) before a payload; returns the first kind and all bytes."""
    following = protocol
    for kind, rest in reversed(headers):
        payload = bytes([following]) + rest + payload
        following = kind
    return following, payload


def hardware(link, gateway):
    """This link's hardware address and the gateway's."""
    text = subprocess.run(["ip", "-o", "link", "show", "dev", link], capture_output=True, text=True).stdout
    own = bytes.fromhex(re.search(r"link/ether ([0-9a-f:]+)", text).group(1).replace(":", ""))
    for _ in range(2):
        text = subprocess.run(["ip", "neigh", "show", gateway, "dev", link], capture_output=True, text=True).stdout
        found = re.search(r"lladdr ([0-9a-f:]+)", text)
        if found:
            return own, bytes.fromhex(found.group(1).replace(":", ""))
        with socket.socket(socket.AF_INET6 if ":" in gateway else socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.5)
            asking.connect((gateway, 9))
            asking.send(b"")
            try:
                asking.recv(1)
            except OSError:
                pass
    raise LookupError(f"nobody is {gateway}")


def sender(link):
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    made.bind((link, 0))
    return made


def frames(link, own, gateway, destination):
    mine, its = hardware(link, gateway)
    kind = b"\x86\xdd" if ":" in own else b"\x08\x00"
    everybody, group = b"\xff" * 6, b"\x33\x33\0\0\0\1" if ":" in own else b"\x01\x00\x5e\0\0\1"
    other = bytes([2, 0, 0, 0, 0, 9])
    packet = ip(own, destination, 17, udp(own, destination, 4444, 4444, SECRET))
    syn = ip(own, destination, 6, tcp(own, destination, 4444, 443, 1, 0, 2, SECRET))
    stranger = "2606:2800:220:9::7" if ":" in own else "93.184.220.7"
    neighbour = "fd77:2::2" if ":" in own else "10.77.2.2"
    local = "::1" if ":" in own else "127.0.0.1"
    tried = {
        "plain": its + mine + kind + packet, "syn": its + mine + kind + syn,
        "priority tag": its + mine + b"\x81\0\0\0" + kind + packet, "vlan 7": its + mine + b"\x81\0\0\7" + kind + packet,
        "double tag": its + mine + b"\x88\xa8\0\0\x81\0\0\0" + kind + packet,
        "to everybody": everybody + mine + kind + packet, "to a group": group + mine + kind + packet,
        "to another machine": other + mine + kind + packet, "from another machine": its + other + kind + packet,
        "label switched": its + mine + b"\x88\x47\0\x01\x01\x40" + packet,
        "an experiment": everybody + mine + b"\x88\xb5" + SECRET,
        "llc": everybody + mine + struct.pack("!H", len(SECRET) + 3) + b"\xaa\xaa\3" + SECRET,
    }
    for name, address in (("stranger", stranger), ("neighbour", neighbour), ("loopback", local), ("gateway", gateway)):
        tried[f"from the {name}'s address"] = its + mine + kind + ip(
            address, destination, 17, udp(address, destination, 4444, 4444, SECRET))
    with sender(link) as out:
        for name, frame in tried.items():
            report(name, lambda: out.send(frame) and "sent")


def routes(link, own, gateway, station, destination):
    mine, its = hardware(link, gateway)
    with sender(link) as out:
        if ":" not in own:
            for number, kind in enumerate((131, 137)):
                packet = ip(own, destination, 6, tcp(own, destination, 5100 + number, 443, 1, 0, 2),
                            options=bytes([kind, 7, 4]) + packed(station))
                report(f"option {kind}", lambda: out.send(its + mine + b"\x08\0" + packet) and "sent")
            # For the control: options that are no route.
            for number, options in enumerate((bytes([7, 7, 4, 0, 0, 0, 0]), bytes([148, 4, 0, 0]))):
                packet = ip(own, destination, 6, tcp(own, destination, 5110 + number, 443, 1, 0, 2), options=options)
                report(f"harmless {number}", lambda: out.send(its + mine + b"\x08\0" + packet) and "sent")
            return
        dots = (60, bytes([0, 1, 4, 0, 0, 0, 0]))
        routing = {
            kind: (43, bytes([2, kind, 1, 0, 0, 0, 0]) + packed(station)) for kind in (0, 2, 3, 4, 253)}
        chains = [[header] for header in routing.values()] + [
            [dots, routing[0]], [(0, bytes([0, 1, 4, 0, 0, 0, 0])), dots, routing[4]], [dots] * 7 + [routing[0]],
            [(43, bytes([2, 4, 0, 0, 0, 0, 0]) + packed(station))], [dots] * 12 + [routing[0]]]
        for number, chain in enumerate(chains):
            first, body = chained(chain, 6, tcp(own, destination, 5200 + number, 443, 1, 0, 2))
            report(f"chain {number}", lambda: out.send(its + mine + b"\x86\xdd" + ip(own, destination, first, body)) and "sent")


def spoofs(link, own, gateway, destination, *sources):
    mine, its = hardware(link, gateway)
    head = its + mine + (b"\x86\xdd" if ":" in own else b"\x08\0")
    with sender(link) as out:
        for source in sources:
            for name, packet in (
                    ("syn", ip(source, destination, 6, tcp(source, destination, 4545, 443, 1, 0, 2, SECRET))),
                    ("datagram", ip(source, destination, 17, udp(source, destination, 4545, 4545, SECRET))),
                    ("query", ip(source, destination, 17, udp(source, destination, 4545, 53, SECRET)))):
                report(f"{name} from {source}", lambda: out.send(head + packet) and "sent")


def fragments(link, own, gateway, destination):
    """A datagram, a query and a SYN in pieces: halves, pieces of 8 bytes, the wrong way round, overlapping, one alone."""
    mine, its = hardware(link, gateway)
    version6 = ":" in own
    head = its + mine + (b"\x86\xdd" if version6 else b"\x08\0")
    question = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + b"\x11portcullis-secret\7example\3org\0\0\1\0\1"
    whole = {"datagram": (17, udp(own, destination, 4646, 4646, SECRET)), "query": (17, udp(own, destination, 4646, 53, question)),
             "syn": (6, tcp(own, destination, 4646, 443, 1, 0, 2, SECRET))}

    def piece(protocol, identifier, data, at, more):
        if version6:
            header = struct.pack("!BBHI", protocol, 0, at | more, identifier)
            return head + ip(own, destination, 44, header + data)
        return head + ip(own, destination, protocol, data, identifier=identifier & 0xffff, fragment=at // 8 | (0x2000 if more else 0))

    identifier = 0x5043
    with sender(link) as out:
        for name, (protocol, data) in whole.items():
            cuts = {"halves": [(0, 40), (40, len(data))], "eights": [(at, min(at + 8, len(data))) for at in range(0, len(data), 8)],
                    "backwards": [(40, len(data)), (0, 40)], "overlapping": [(0, 40), (32, len(data))], "first alone": [(0, 40)],
                    "last alone": [(40, len(data))], "atomic": [(0, len(data))]}
            for cut, parts in cuts.items():
                identifier += 1

                def attempt():
                    for start, end in parts:
                        out.send(piece(protocol, identifier, data[start:end], start, int(end < len(data))))
                    return "sent"

                report(f"{name}, {cut}", attempt)


def errors(link, own, gateway, destination, intercepted):
    mine, its = hardware(link, gateway)
    with socket.create_connection((intercepted, 443), timeout=3) as flow, sender(link) as out:
        port = flow.getsockname()[1]
        quoted = ip(intercepted, own, 6, tcp(intercepted, own, 443, port, 1, 1, 0x10, SECRET))
        for kind, code in ((3, 3), (3, 4), (11, 0), (12, 0), (5, 1)):
            body = struct.pack("!BBHI", kind, code, 0, 0) + quoted
            body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
            for to in (intercepted, destination):
                report(f"{kind}/{code} to {to}", lambda: out.send(its + mine + b"\x08\0" + ip(own, to, 1, body)) and "sent")


if __name__ == "__main__":
    {"frames": frames, "routes": routes, "spoofs": spoofs, "fragments": fragments, "errors": errors}[sys.argv[1]](*sys.argv[2:])
