/// What a gateway needs from a TLS ClientHello (RFC 8446 section 4.1.2), read before anything is answered.
package struct ClientHello: Hashable, Sendable {
    /// The one `host_name` of the server_name extension (RFC 6066 section 3), as sent.
    package var serverName: [UInt8]?
    /// Protocol names of the ALPN extension (RFC 7301), in the client's order.
    package var applicationProtocols: [[UInt8]]
    /// True with an encrypted_client_hello extension (RFC 9849), real or grease: the two look the same.
    package var offersEncryptedHello: Bool

    /// What the first bytes of a connection turned out to be.
    package enum ParseResult: Hashable, Sendable {
        case needMore
        case hello(ClientHello)
        case malformed(ClientHelloError)
    }

    /// Reads a hello from the start of a TLS record stream; it may span records in any way.
    package static func parse(_ bytes: Span<UInt8>) -> ParseResult {
        var message: [UInt8] = []
        var offset = 0
        while true {
            guard let type = bytes.byte(at: offset) else { return .needMore }
            guard type == 22 else { return .malformed(.notHandshake) }
            if let major = bytes.byte(at: offset + 1), major != 3 { return .malformed(.badVersion) }
            guard let length = bytes.bigEndianUInt16(at: offset + 3) else { return .needMore }
            // RFC 8446 section 5.1: 1 to 2^14 bytes; empty handshake fragments are not allowed.
            guard (1...16384).contains(length) else { return .malformed(.badRecordLength) }
            let end = min(offset + 5 + Int(length), bytes.count)
            let before = message.count
            for index in min(offset + 5, end)..<end { message.append(bytes[index]) }
            if let first = message.first, first != 1 { return .malformed(.notClientHello) }
            if message.count >= 4 {
                let total = 4 + Int(message.span.bigEndianUInt24(at: 1) ?? 0)
                guard total <= Limits.clientHelloBytes else { return .malformed(.tooLong) }
                // Bytes behind the hello in its record would be another message: no client sends one. Judged by the
                // record's length, so that the answer does not depend on how much of it has come.
                guard before + Int(length) <= total else { return .malformed(.trailingBytes) }
                if message.count == total { return parse(handshake: message.span) }
            }
            guard end == offset + 5 + Int(length) else { return .needMore }
            offset = end
        }
    }

    /// Reads a hello from the start of a stream of handshake messages, without records around them: QUIC's CRYPTO
    /// frames (RFC 9001 section 4.1.3). What follows the hello is not looked at.
    package static func parse(handshake bytes: Span<UInt8>) -> ParseResult {
        guard let type = bytes.byte(at: 0) else { return .needMore }
        guard type == 1 else { return .malformed(.notClientHello) }
        guard let length = bytes.bigEndianUInt24(at: 1) else { return .needMore }
        let total = 4 + Int(length)
        guard total <= Limits.clientHelloBytes else { return .malformed(.tooLong) }
        return total <= bytes.count ? parse(body: bytes.extracting(4..<total)) : .needMore
    }

    private static func parse(body: Span<UInt8>) -> ParseResult {
        var hello = ClientHello(serverName: nil, applicationProtocols: [], offersEncryptedHello: false)
        guard body.count >= 34, body[0] == 3 else { return .malformed(.truncated) }
        var offset = 34
        guard let sessionLength = body.byte(at: offset), sessionLength <= 32 else { return .malformed(.truncated) }
        offset += 1 + Int(sessionLength)
        guard let suites = body.bigEndianUInt16(at: offset), suites >= 2, suites % 2 == 0 else {
            return .malformed(.truncated)
        }
        offset += 2 + Int(suites)
        guard let compression = body.byte(at: offset), compression >= 1 else { return .malformed(.truncated) }
        offset += 1 + Int(compression)
        if offset == body.count { return .hello(hello) }
        guard let total = body.bigEndianUInt16(at: offset), offset + 2 + Int(total) == body.count else {
            return .malformed(.truncated)
        }
        offset += 2
        var seenServerName = false
        var seenProtocols = false
        while offset < body.count {
            guard let type = body.bigEndianUInt16(at: offset), let length = body.bigEndianUInt16(at: offset + 2),
                offset + 4 + Int(length) <= body.count
            else { return .malformed(.truncated) }
            let value = body.extracting((offset + 4)..<(offset + 4 + Int(length)))
            switch type {
            case 0:
                guard !seenServerName else { return .malformed(.repeatedExtension) }
                seenServerName = true
                guard let name = parse(serverName: value) else { return .malformed(.badServerName) }
                hello.serverName = name
            case 16:
                guard !seenProtocols else { return .malformed(.repeatedExtension) }
                seenProtocols = true
                guard let names = parse(protocols: value) else { return .malformed(.badProtocols) }
                hello.applicationProtocols = names
            case 0xfe0d:
                guard !hello.offersEncryptedHello else { return .malformed(.repeatedExtension) }
                hello.offersEncryptedHello = true
            default:
                break
            }
            offset += 4 + Int(length)
        }
        return .hello(hello)
    }

    /// Exactly one entry of type host_name: a list with more has no agreed meaning.
    private static func parse(serverName value: Span<UInt8>) -> [UInt8]? {
        guard let list = value.bigEndianUInt16(at: 0), Int(list) + 2 == value.count, value.byte(at: 2) == 0,
            let length = value.bigEndianUInt16(at: 3), Int(length) + 5 == value.count, length > 0
        else { return nil }
        return [UInt8](copying: value.extracting(5..<value.count))
    }

    private static func parse(protocols value: Span<UInt8>) -> [[UInt8]]? {
        guard let list = value.bigEndianUInt16(at: 0), Int(list) + 2 == value.count else { return nil }
        var names: [[UInt8]] = []
        var offset = 2
        while offset < value.count {
            let length = Int(value[offset])
            guard length > 0, offset + 1 + length <= value.count, names.count < 64 else { return nil }
            names.append([UInt8](copying: value.extracting((offset + 1)..<(offset + 1 + length))))
            offset += 1 + length
        }
        return names
    }
}
