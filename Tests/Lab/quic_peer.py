"""A QUIC server that sends back what it gets, and a client for it (aioquic).

    quic_peer.py serve ADDRESS PORT CERTIFICATE.pem
    quic_peer.py ask ADDRESS PORT NAME CA.pem [--version 1|2] [--large] [--kilobytes N] [--again-after SECONDS]

The client prints `answered BYTES`, or what went wrong. --large asks for a certificate by so many names that the ClientHello
takes several packets.
"""

import argparse
import asyncio
import ssl
import sys
import time

from aioquic.asyncio import QuicConnectionProtocol, connect, serve
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicProtocolVersion

VERSIONS = {1: QuicProtocolVersion.VERSION_1, 2: QuicProtocolVersion.VERSION_2}


async def echo(reader, writer):
    writer.write(await reader.read())
    writer.write_eof()


async def server(options):
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["echo"], supported_versions=list(VERSIONS.values()))
    configuration.load_cert_chain(options.certificate, options.certificate)
    await serve(options.address, options.port, configuration=configuration,
                stream_handler=lambda reader, writer: asyncio.ensure_future(echo(reader, writer)))
    print("serving", flush=True)
    await asyncio.Future()


async def client(options):
    version = VERSIONS[options.version]
    names = [f"echo-{n:0200}" for n in range(12)] if options.large else []
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=["echo", *names], server_name=options.name, cafile=options.ca, idle_timeout=4.0,
        original_version=version, supported_versions=[version])
    started = time.monotonic()
    try:
        async with asyncio.timeout(8):
            async with connect(options.address, options.port, configuration=configuration) as connection:
                for pause in (0, *([options.again_after] if options.again_after else [])):
                    await asyncio.sleep(pause)
                    reader, writer = await connection.create_stream()
                    sent = bytes(range(256)) * 4 * options.kilobytes
                    writer.write(sent)
                    writer.write_eof()
                    answer = await reader.read()
                    print("answered" if answer == sent else "garbled", len(answer))
    except (ConnectionError, OSError, TimeoutError, ssl.SSLError) as problem:
        print("failed", type(problem).__name__, problem, f"after {time.monotonic() - started:.1f} s")
        sys.exit(1)


parser = argparse.ArgumentParser()
modes = parser.add_subparsers(dest="mode", required=True)
serving = modes.add_parser("serve")
asking = modes.add_parser("ask")
for mode in (serving, asking):
    mode.add_argument("address")
    mode.add_argument("port", type=int)
serving.add_argument("certificate")
asking.add_argument("name")
asking.add_argument("ca")
asking.add_argument("--version", type=int, default=1, choices=VERSIONS)
asking.add_argument("--large", action="store_true")
asking.add_argument("--kilobytes", type=int, default=1)
asking.add_argument("--again-after", type=float)
options = parser.parse_args()
asyncio.run(server(options) if options.mode == "serve" else client(options))
