/// Writes the gateway's own answers: nothing of a resolver's message but addresses, rebuilt service bindings and lifetimes
/// goes on to an agent.
package struct DNSResponse: Hashable, Sendable {
    package var responseCode: UInt8
    package var addresses: [IPAddress]
    package var services: [DNSServiceBinding]
    /// Seconds.
    package var timeToLive: UInt32
    /// There is more than is given here: say so even if all of this fits.
    package var isPartial: Bool
    /// An Extended DNS Error (RFC 8914): its number and a text for people.
    package var extendedError: (code: UInt16, text: String)?

    package static let noError: UInt8 = 0
    package static let formatError: UInt8 = 1
    package static let serverFailure: UInt8 = 2
    package static let noSuchName: UInt8 = 3
    package static let refused: UInt8 = 5

    package init(
        responseCode: UInt8, addresses: [IPAddress] = [], services: [DNSServiceBinding] = [], timeToLive: UInt32 = 0,
        isPartial: Bool = false, extendedError: (code: UInt16, text: String)? = nil
    ) {
        self.responseCode = responseCode
        self.addresses = addresses
        self.services = services
        self.timeToLive = timeToLive
        self.isPartial = isPartial
        self.extendedError = extendedError
    }

    package static func == (left: DNSResponse, right: DNSResponse) -> Bool {
        left.responseCode == right.responseCode && left.addresses == right.addresses && left.services == right.services
            && left.timeToLive == right.timeToLive && left.isPartial == right.isPartial
            && left.extendedError?.code == right.extendedError?.code
            && left.extendedError?.text == right.extendedError?.text
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(responseCode)
        hasher.combine(addresses)
    }

    /// The message for `query`.
    ///
    /// - Parameter sizeLimit: in bytes, 65,535 at most. Of more records than fit the first are sent, with TC set, so that
    ///   the agent may ask again over TCP (RFC 2181 section 9). The extended error is sent only to agents that sent an OPT
    ///   record (RFC 6891 section 7).
    package func message(for query: DNSQuery, sizeLimit: Int) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(min(sizeLimit, 12 + query.question.count + 28 * addresses.count + 128))
        message.append(bigEndian: query.identifier)
        // QR, RD as asked, RA.
        message.append(bigEndian: 0x8080 | (query.recursionDesired ? 0x0100 : 0) | UInt16(responseCode))
        message.append(bigEndian: UInt16(1))
        for _ in 0..<3 { message.append(bigEndian: UInt16(0)) }
        message += query.question
        var error: (code: UInt16, text: [UInt8])?
        var room = sizeLimit
        if query.udpSize != nil {
            room -= Self.optBytes
            if let extendedError {
                // For people, so it may be cut.
                let limit = min(400, room - message.count - Self.extendedErrorBytes)
                let text = Self.cut(extendedError.text, to: limit)
                error = (extendedError.code, text)
                room -= Self.extendedErrorBytes + text.count
            }
        }
        var count = 0
        for address in addresses {
            guard message.count + 12 + address.byteCount <= room else { break }
            begin(address.family == .v4 ? .a : .aaaa, in: &message)
            message.append(bigEndian: UInt16(address.byteCount))
            address.append(to: &message)
            count += 1
        }
        for service in services {
            let start = message.count
            begin(query.type, in: &message)
            message.append(bigEndian: UInt16(0))
            service.append(to: &message)
            guard message.count <= room else {
                message.removeSubrange(start...)
                break
            }
            message.store(bigEndian: UInt16(message.count - start - 12), at: start + 10)
            count += 1
        }
        message.store(bigEndian: UInt16(count), at: 6)
        if isPartial || count < addresses.count + services.count { message[2] |= 0x02 }
        if query.udpSize != nil {
            Self.appendOPT(error, to: &message)
            message.store(bigEndian: 1, at: 10)
        }
        return message
    }

    /// A record up to its length; its owner is a pointer to the question's name.
    private func begin(_ type: DNSRecordType, in message: inout [UInt8]) {
        message.append(0xc0)
        message.append(12)
        message.append(bigEndian: type.rawValue)
        message.append(bigEndian: UInt16(1))
        message.append(bigEndian: timeToLive)
    }

    /// A bare answer for a message that could not be read: identifier and FORMERR.
    package static func formatErrorMessage(identifier: UInt16) -> [UInt8] {
        [UInt8(identifier >> 8), UInt8(identifier & 255), 0x80, 0x80 | formatError, 0, 0, 0, 0, 0, 0, 0, 0]
    }

    /// The OPT record's length without an extended error, and what the error adds to its text.
    private static let optBytes = 11
    private static let extendedErrorBytes = 6

    /// An OPT record: root name, 1232 bytes (DNS flag day 2020), no flags, and the error as its only option.
    private static func appendOPT(_ error: (code: UInt16, text: [UInt8])?, to message: inout [UInt8]) {
        message.append(0)
        message.append(bigEndian: DNSRecordType.opt.rawValue)
        message.append(bigEndian: UInt16(1232))
        message.append(bigEndian: UInt32(0))
        guard let error else { return message.append(bigEndian: UInt16(0)) }
        message.append(bigEndian: UInt16(extendedErrorBytes + error.text.count))
        message.append(bigEndian: UInt16(15))
        message.append(bigEndian: UInt16(2 + error.text.count))
        message.append(bigEndian: error.code)
        message += error.text
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
