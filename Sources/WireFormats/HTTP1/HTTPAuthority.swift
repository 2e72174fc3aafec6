/// Whom a request is for: the value of `Host` or `:authority`, without user information (RFC 9110 section 4.2.4).
package struct HTTPAuthority: Sendable, Hashable {
    package enum Host: Sendable, Hashable {
        case name(HostName)
        case address(IPAddress)
    }

    package let host: Host
    /// `nil` when the scheme's default is meant.
    package let port: UInt16?

    package init(host: Host, port: UInt16?) {
        self.host = host
        self.port = port
    }

    /// - Throws: ``HTTP1Violation/invalidHost``.
    package init(_ bytes: Span<UInt8>) throws(HTTP1Violation) {
        let parts = try HTTPAuthority.parts(bytes, 0..<bytes.count)
        port = parts.port
        if let address = parts.address {
            host = .address(address)
        } else {
            do { host = .name(try HostName(bytes.extracting(parts.name))) } catch { throw .invalidHost }
        }
    }

    /// The name, unless the authority is an address.
    package var name: HostName? {
        switch host {
        case .name(let name): name
        case .address: nil
        }
    }

    /// Where the name is, checked but not copied.
    static func parts(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(HTTP1Violation) -> (name: Range<Int>, port: UInt16?, address: IPAddress?) {
        guard !range.isEmpty else { throw .invalidHost }
        if bytes[range.lowerBound] == UInt8(ascii: "[") { return try bracketed(bytes, range) }
        var colon = range.lowerBound
        while colon < range.upperBound, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        let port = colon < range.upperBound ? try readPort(bytes, colon + 1..<range.upperBound) : nil
        let name = range.lowerBound..<colon
        do {
            let length = try HostName.validatedLength(of: bytes.extracting(name))
            return (name.lowerBound..<name.lowerBound + length, port, nil)
        } catch .looksLikeAddress {
            guard let address = IPAddress(text(bytes, name)), address.family == .v4 else { throw .invalidHost }
            return (name, port, address)
        } catch {
            throw .invalidHost
        }
    }

    private static func bracketed(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(HTTP1Violation) -> (name: Range<Int>, port: UInt16?, address: IPAddress?) {
        var end = range.lowerBound + 1
        while end < range.upperBound, bytes[end] != UInt8(ascii: "]") { end += 1 }
        guard end < range.upperBound, let address = IPAddress(text(bytes, range.lowerBound + 1..<end)), address.family == .v6 else {
            throw .invalidHost
        }
        let name = range.lowerBound..<end + 1
        guard end + 1 < range.upperBound else { return (name, nil, address) }
        guard bytes[end + 1] == UInt8(ascii: ":") else { throw .invalidHost }
        return (name, try readPort(bytes, end + 2..<range.upperBound), address)
    }

    private static func readPort(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Violation) -> UInt16 {
        guard (1...5).contains(range.count), bytes[range.lowerBound] != UInt8(ascii: "0") else { throw .invalidHost }
        var value: UInt32 = 0
        for index in range {
            guard bytes[index].isDigit else { throw .invalidHost }
            value = value * 10 + UInt32(bytes[index] - 0x30)
        }
        guard let port = UInt16(exactly: value) else { throw .invalidHost }
        return port
    }

    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: [UInt8](copying: bytes, range), as: UTF8.self)
    }
}

extension HTTPAuthority: CustomStringConvertible {
    package var description: String {
        let text: String =
            switch host {
            case .name(let name): name.text
            case .address(let address): address.family == .v6 ? "[\(address)]" : address.description
            }
        return port.map { "\(text):\($0)" } ?? text
    }
}
