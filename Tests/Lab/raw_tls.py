"""A TLS client that writes its own TCP segments, for root in a network of its own; the kernel's resets are kept back.

    raw_tls.py LINK OWN GATEWAY DESTINATION TRICK GOOD BAD

GOOD and BAD are ClientHellos in hex, as long as each other: the one that is allowed, and the one that is meant to arrive.
Prints what the server answered: `handshake`, `reset`, `nothing`.
"""

import random
import socket
import struct
import subprocess
import sys
import time

from raw_packets import hardware, ip, packed, sender, tcp

SYN, RST, PSH, ACK, URG, FIN = 2, 4, 8, 16, 32, 1


class Peer:
    def __init__(self, link, own, gateway, destination):
        mine, its = hardware(link, gateway)
        self.head = its + mine + (b"\x86\xdd" if ":" in own else b"\x08\0")
        self.own, self.destination = own, destination
        self.port = random.randrange(20000, 60000)
        self.sequence = random.randrange(2**31)
        self.acknowledgement = 0
        self.out = sender(link)
        self.heard = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86dd if ":" in own else 0x0800))
        self.heard.bind((link, 0))
        family = "ip6" if ":" in own else "ip"
        subprocess.run(["nft", "-f", "-"], input=(
            "table inet quiet\ndelete table inet quiet\ntable inet quiet { chain out { type filter hook output priority 0; "
            f"{family} daddr {destination} tcp flags & rst == rst drop; }}; }}\n"), text=True, check=True)

    def send(self, offset, data, flags=PSH | ACK, hops=64, bad=False, at=None):
        sequence = self.sequence + offset if at is None else at
        segment = tcp(self.own, self.destination, self.port, 443, sequence, self.acknowledgement, flags, data, bad=bad)
        self.out.send(self.head + ip(self.own, self.destination, 6, segment, hops=hops))

    def receive(self, seconds):
        """(flags, sequence, data) of the next segment from the server."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.heard.settimeout(left)
            try:
                packet = self.heard.recv(65535)
            except TimeoutError:
                return None
            version6 = packet[0] >> 4 == 6
            head = 40 if version6 else (packet[0] & 15) * 4
            source = packet[8:24] if version6 else packet[12:16]
            if source != packed(self.destination) or packet[6 if version6 else 9] != 6:
                continue
            total = 40 + struct.unpack("!H", packet[4:6])[0] if version6 else struct.unpack("!H", packet[2:4])[0]
            segment = packet[head:total]
            if struct.unpack("!HH", segment[:4]) == (443, self.port):
                return segment[13], struct.unpack("!I", segment[4:8])[0], segment[(segment[12] >> 4) * 4:]
        return None

    def open(self):
        self.send(0, b"", SYN)
        found = self.receive(2)
        if not found or found[0] & (SYN | ACK) != SYN | ACK:
            return False
        self.sequence += 1
        self.acknowledgement = found[1] + 1
        self.send(0, b"", ACK)
        return True

    def outcome(self, seconds=1.2):
        while found := self.receive(seconds):
            if found[2]:
                return "handshake" if found[2][0] == 22 else f"type {found[2][0]}"
            if found[0] & RST:
                return "reset"
        return "nothing"


def play(peer, trick, good, bad):
    half = len(good) // 2
    differ = next(at for at in range(len(good)) if good[at] != bad[at])
    if trick == "plain":
        peer.send(0, good)
    elif trick == "bad":
        peer.send(0, bad)
    elif trick == "out of order":
        peer.send(half, good[half:])
        peer.send(0, good[:half])
    elif trick == "short hop limit first":  # dies on the way; would the second be taken for a copy?
        peer.send(0, good, hops=1)
        time.sleep(0.05)
        peer.send(0, bad)
    elif trick == "bad checksum first":
        peer.send(0, good, bad=True)
        time.sleep(0.05)
        peer.send(0, bad)
    elif trick == "retransmission of other bytes":
        peer.send(0, good[:half])
        peer.send(0, bad[:half])
        peer.send(half, bad[half:])
    elif trick == "overlap, good first":
        peer.send(0, good[:differ + 8])
        peer.send(differ, bad[differ:])
    elif trick == "overlap, bad first":
        peer.send(differ, bad[differ:])
        peer.send(0, good)
    elif trick == "hole filled twice":
        peer.send(half, bad[half:])
        peer.send(half, good[half:])
        peer.send(0, good[:half])
    elif trick == "before the window":
        peer.send(-20, b"x" * 20 + good)
        peer.send(0, bad)
    elif trick == "urgent byte":
        segment = bad[:differ] + b"x" + bad[differ:]
        peer.send(0, segment, PSH | ACK | URG)
    elif trick == "reset that dies, then anew":
        peer.send(0, b"", RST, hops=1)
        peer.send(0, good)
        peer.send(0, bad)
    elif trick == "reset out of the window":
        peer.send(0, b"", RST, at=peer.sequence + 2**30)
        peer.send(0, bad)
    elif trick == "end first":
        peer.send(0, b"", FIN | ACK)
        peer.send(0, bad)
        peer.send(1, bad)
    elif trick == "second opening amid the first":
        peer.send(0, good[:half])
        peer.send(0, b"", SYN, at=peer.sequence + half - 1)
        peer.send(half, bad)
    else:
        raise ValueError(trick)


if __name__ == "__main__":
    link, own, gateway, destination, trick, good, bad = sys.argv[1:]
    peer = Peer(link, own, gateway, destination)
    if not peer.open():
        print("not opened")
    else:
        play(peer, trick, bytes.fromhex(good), bytes.fromhex(bad))
        print(peer.outcome())
