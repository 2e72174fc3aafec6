package import WireFormats

/// IP packets as an agent sends them.
package enum PacketBytes {
    package static let syn: UInt8 = 0x02
    package static let ack: UInt8 = 0x10

    /// A packet around any payload; options and extension headers may be part of `payload`.
    package static func ip(
        _ transport: UInt8, from source: IPAddress, to destination: IPAddress, payload: [UInt8]
    ) -> [UInt8] {
        var packet: [UInt8] = []
        switch source.family {
        case .v4:
            packet += [0x45, 0]
            packet.append(bigEndian: UInt16(20 + payload.count))
            packet += [0, 0, 0x40, 0, 64, transport, 0, 0]
        case .v6:
            packet += [0x60, 0, 0, 0]
            packet.append(bigEndian: UInt16(payload.count))
            packet += [transport, 64]
        }
        source.append(to: &packet)
        destination.append(to: &packet)
        return packet + payload
    }

    package static func tcp(
        from source: IPAddress, to destination: IPAddress, port: UInt16, flags: UInt8 = syn
    ) -> [UInt8] {
        var header: [UInt8] = []
        header.append(bigEndian: UInt16(40_000))
        header.append(bigEndian: port)
        header += [0, 0, 0, 1, 0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]
        return ip(6, from: source, to: destination, payload: header)
    }

    package static let fin: UInt8 = 0x01
    package static let rst: UInt8 = 0x04
    package static let psh: UInt8 = 0x08
    package static let urg: UInt8 = 0x20

    /// - Parameter options: a multiple of four bytes.
    package static func segment(
        from source: IPAddress, port sourcePort: UInt16, to destination: IPAddress, port destinationPort: UInt16,
        sequence: UInt32, acknowledgement: UInt32, flags: UInt8, options: [UInt8] = [], payload: [UInt8] = []
    ) -> [UInt8] {
        var header: [UInt8] = []
        header.append(bigEndian: sourcePort)
        header.append(bigEndian: destinationPort)
        header.append(bigEndian: sequence)
        header.append(bigEndian: acknowledgement)
        header += [UInt8(0x50 + options.count * 4), flags, 0xff, 0xff, 0, 0, 0, 0]
        return ip(6, from: source, to: destination, payload: header + options + payload)
    }
}
