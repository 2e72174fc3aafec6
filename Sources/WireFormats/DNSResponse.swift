/// Writes the gateway's own answers: nothing of a resolver's message but addresses and lifetimes goes on to an agent.
package struct DNSResponse: Hashable, Sendable {
    package var responseCode: UInt8
    package var addresses: [IPAddress]
    /// Seconds.
    package var timeToLive: UInt32
    /// An Extended DNS Error (RFC 8914): its number and a text for people.
    package var extendedError: (code: UInt16, text: String)?

    package static let noError: UInt8 = 0
    package static let formatError: UInt8 = 1
    package static let serverFailure: UInt8 = 2
    package static let noSuchName: UInt8 = 3
    package static let refused: UInt8 = 5

    package init(
        responseCode: UInt8, addresses: [IPAddress] = [], timeToLive: UInt32 = 0,
        extendedError: (code: UInt16, text: String)? = nil
    ) {
        self.responseCode = responseCode
        self.addresses = addresses
        self.timeToLive = timeToLive
        self.extendedError = extendedError
    }

    package static func == (left: DNSResponse, right: DNSResponse) -> Bool {
        left.responseCode == right.responseCode && left.addresses == right.addresses
            && left.timeToLive == right.timeToLive && left.extendedError?.code == right.extendedError?.code
            && left.extendedError?.text == right.extendedError?.text
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(responseCode)
        hasher.combine(addresses)
    }

    /// The message for `query`.
    ///
    /// - Parameter sizeLimit: in bytes; of more addresses than fit the first are sent, without TC: any of them will do,
    ///   and nobody answers over TCP. The extended error is sent only to agents that sent an OPT record (RFC 6891
    ///   section 7).
    package func message(for query: DNSQuery, sizeLimit: Int) -> [UInt8] {
        var message: [UInt8] = []
        message.append(bigEndian: query.identifier)
        // QR, RD as asked, RA.
        message.append(bigEndian: 0x8080 | (query.recursionDesired ? 0x0100 : 0) | UInt16(responseCode))
        message += [0, 1, 0, 0, 0, 0, 0, 0]
        message += query.question
        let options = query.udpSize == nil ? [] : optRecord(limit: sizeLimit - message.count)
        var count: UInt16 = 0
        for address in addresses {
            let length = 12 + address.byteCount
            guard message.count + length + options.count <= sizeLimit else { break }
            // The owner is a pointer to the question's name.
            message += [0xc0, 12, 0, address.family == .v4 ? 1 : 28, 0, 1]
            message.append(bigEndian: timeToLive)
            message.append(bigEndian: UInt16(address.byteCount))
            address.append(to: &message)
            count += 1
        }
        message.store(bigEndian: count, at: 6)
        if !options.isEmpty {
            message += options
            message.store(bigEndian: 1, at: 10)
        }
        return message
    }

    /// A bare answer for a message that could not be read: identifier and FORMERR.
    package static func formatErrorMessage(identifier: UInt16) -> [UInt8] {
        [UInt8(identifier >> 8), UInt8(identifier & 255), 0x80, 0x80 | formatError, 0, 0, 0, 0, 0, 0, 0, 0]
    }

    /// - Parameter limit: the bytes that are left for it; EXTRA-TEXT is for people, so it may be cut.
    private func optRecord(limit: Int) -> [UInt8] {
        var record: [UInt8] = [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0]
        guard let extendedError else { return record + [0, 0] }
        let text = Self.cut(extendedError.text, to: min(400, limit - record.count - 8))
        record.append(bigEndian: UInt16(6 + text.count))
        record.append(bigEndian: UInt16(15))
        record.append(bigEndian: UInt16(2 + text.count))
        record.append(bigEndian: extendedError.code)
        return record + text
    }

    /// As many whole characters as fit: EXTRA-TEXT is UTF-8 (RFC 8914 section 2).
    private static func cut(_ text: String, to limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard bytes.count + UTF8.width(scalar) <= limit else { break }
            bytes += String(scalar).utf8
        }
        return bytes
    }
}
