"""The origin servers of the lab's internet: real sockets, real TLS, HTTP/1.1 by Python's own server.

    origin.py ADDRESS PORT [CERTIFICATE.pem] [--root FOLDER] [--seen FILE] [--tls11] [--rsa-kex] [--weak]

GET  /hello          a short text            GET  /big/N      N bytes of a fixed pattern
GET  /chunked        chunks and a trailer    PUT  /upload     the SHA-256 of what came
GET  /until-close    ends with the connection
GET  /status/N       an answer of status N   GET  /slow       a byte a second
*    /echo           what was asked, as JSON
GET  /git/...        git's own CGI           GET  /simple/... files below the root
"""

import argparse
import hashlib
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

PATTERN = bytes(range(256)) * 256


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "lab"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def parse_request(self):
        result = super().parse_request()
        if self.server.seen:
            with open(self.server.seen, "a") as seen:
                seen.write(json.dumps({"line": self.raw_requestline.decode("latin-1"),
                                       "port": self.client_address[1]}) + "\n")
        return result

    def answer(self, body, status=200, content_type="text/plain", **headers):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                if size == 0:
                    while self.rfile.readline() not in (b"\r\n", b""):
                        pass
                    return
                left = size
                while left:
                    piece = self.rfile.read(min(left, 65536))
                    left -= len(piece)
                    yield piece
                self.rfile.readline()
        left = int(self.headers.get("Content-Length", 0))
        while left:
            piece = self.rfile.read(min(left, 65536))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        if parts[0] == "git":
            return self.git(url)
        if parts[0] == "big":
            return self.big(int(parts[1]))
        if parts[0] == "chunked":
            self.drain()
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Trailer", "X-Sum")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b"6\r\nhello \r\n5;name=value\r\nworld\r\n0\r\nX-Sum: 42\r\n\r\n")
            return None
        if parts[0] == "until-close":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"the end is the end")
            self.close_connection = True
            return None
        if parts[0] == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"only this")
            self.close_connection = True
            return None
        if parts[0] == "status":
            self.drain()
            status = int(parts[1])
            if status in (204, 304):
                self.send_response(status)
                self.end_headers()
                return None
            return self.answer(b"status\n", status)
        if parts[0] == "slow":
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            for _ in range(10):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(1)
            return None
        if parts[0] == "upload":
            digest, length = hashlib.sha256(), 0
            for piece in self.body():
                digest.update(piece)
                length += len(piece)
            return self.answer(f"{length} {digest.hexdigest()}\n".encode())
        if parts[0] == "malformed":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            self.close_connection = True
            return None
        if parts[0] == "echo":
            content = b"".join(self.body())
            report = {"method": self.command, "path": self.path, "headers": self.headers.items(),
                      "body": content.decode("latin-1")}
            return self.answer(json.dumps(report).encode(), content_type="application/json")
        if parts[0] == "hello":
            self.drain()
            return self.answer(b"hello from the origin\n")
        if self.server.root and parts[0] == "simple":
            return self.file(os.path.normpath(os.path.join(self.server.root, *parts)))
        self.drain()
        return self.answer(b"no such thing\n", 404)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = handle_any

    def drain(self):
        for _ in self.body():
            pass

    def big(self, length):
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        while length and self.command != "HEAD":
            piece = PATTERN[:min(length, len(PATTERN))]
            self.wfile.write(piece)
            length -= len(piece)

    def file(self, path):
        if os.path.isdir(path):
            links = "".join(f'<a href="{name}">{name}</a>\n' for name in sorted(os.listdir(path)))
            return self.answer(f"<!DOCTYPE html><html><body>\n{links}</body></html>".encode(), content_type="text/html")
        try:
            with open(path, "rb") as file:
                return self.answer(file.read(), content_type="application/octet-stream")
        except OSError:
            return self.answer(b"no such file\n", 404)

    def git(self, url):
        environment = dict(
            os.environ, GIT_PROJECT_ROOT=self.server.root + "/git", GIT_HTTP_EXPORT_ALL="1", REMOTE_USER="lab",
            PATH_INFO=url.path[len("/git"):], QUERY_STRING=url.query, REQUEST_METHOD=self.command,
            CONTENT_TYPE=self.headers.get("Content-Type", ""), REMOTE_ADDR="192.0.2.1", HTTP_CONTENT_ENCODING=
            self.headers.get("Content-Encoding", ""), GIT_CONFIG_COUNT="2", GIT_CONFIG_KEY_0="safe.directory",
            GIT_CONFIG_VALUE_0="*", GIT_CONFIG_KEY_1="http.receivepack", GIT_CONFIG_VALUE_1="true")
        if self.headers.get("Git-Protocol"):
            environment["GIT_PROTOCOL"] = self.headers["Git-Protocol"]
        content = b"".join(self.body())
        environment["CONTENT_LENGTH"] = str(len(content))
        output = subprocess.run(
            ["git", "http-backend"], input=content, capture_output=True, env=environment, check=False).stdout
        head, _, payload = output.partition(b"\r\n\r\n")
        status, fields = 200, []
        for line in head.split(b"\r\n"):
            key, _, value = line.decode().partition(": ")
            if key.lower() == "status":
                status = int(value.split()[0])
            elif key:
                fields.append((key, value))
        self.send_response(status)
        for key, value in fields:
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def get_request(self):
        connection, address = super().get_request()
        return connection, address

    def finish_request(self, request, client_address):
        if self.context:
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except (ssl.SSLError, OSError):
                return
        super().finish_request(request, client_address)

    def handle_error(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("certificate", nargs="?")
    parser.add_argument("--root")
    parser.add_argument("--seen")
    parser.add_argument("--tls11", action="store_true")
    parser.add_argument("--rsa-kex", action="store_true")
    parser.add_argument("--weak", action="store_true")
    options = parser.parse_args()
    Server.address_family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
    server = Server((options.address, options.port), Handler)
    server.root, server.seen, server.context = options.root, options.seen, None
    if options.certificate:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if options.tls11 or options.rsa_kex or options.weak:
            server.context.set_ciphers("ALL:@SECLEVEL=0")
        server.context.load_cert_chain(options.certificate)
        if options.tls11:
            server.context.minimum_version = server.context.maximum_version = ssl.TLSVersion.TLSv1_1
        if options.rsa_kex:
            server.context.maximum_version = ssl.TLSVersion.TLSv1_2
            server.context.set_ciphers("kRSA:@SECLEVEL=0")
    threading.Thread(target=server.serve_forever).start()


main()
