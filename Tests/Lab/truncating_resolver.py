"""A resolver that says of every answer over UDP that it is cut, and answers over TCP: one address a name.

    truncating_resolver.py LISTEN ADDRESS
"""

import socket
import socketserver
import struct
import sys
import threading


def answer(query, truncated):
    end = query.index(b"\0", 12) + 5
    flags = 0x8180 | (0x0200 if truncated else 0)
    head = query[:2] + struct.pack("!HHHHH", flags, 1, 0 if truncated else 1, 0, 0)
    record = b"" if truncated else b"\xc0\x0c\0\1\0\1" + struct.pack("!IH", 60, 4) + socket.inet_aton(sys.argv[2])
    return head + query[12:end] + record


class Datagrams(socketserver.BaseRequestHandler):
    def handle(self):
        query, server = self.request
        server.sendto(answer(query, True), self.client_address)


class Streams(socketserver.StreamRequestHandler):
    def handle(self):
        length, = struct.unpack("!H", self.rfile.read(2))
        reply = answer(self.rfile.read(length), False)
        # In two pieces, as a network may deliver it.
        self.wfile.write(struct.pack("!H", len(reply)) + reply[:7])
        self.wfile.flush()
        self.wfile.write(reply[7:])


socketserver.TCPServer.allow_reuse_address = True
threading.Thread(target=socketserver.UDPServer((sys.argv[1], 53), Datagrams).serve_forever).start()
socketserver.TCPServer((sys.argv[1], 53), Streams).serve_forever()
