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

    /// The message for `query`; see ``append(answering:_:sizeLimit:to:)``.
    package func message(for query: DNSQuery, sizeLimit: Int) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(min(sizeLimit, 12 + query.question.count + 28 * addresses.count + 128))
        append(answering: query.asked, query.question.span, sizeLimit: sizeLimit, to: &message)
        return message
    }

    /// Appends the message that answers a question. Allocates nothing for addresses when `output` has the room.
    ///
    /// - Parameters:
    ///   - section: the question section as sent.
    ///   - sizeLimit: in bytes, 65,535 at most. Of more records than fit the first are sent, with TC set, so that the agent
    ///     may ask again over TCP (RFC 2181 section 9). The extended error is sent only to agents that sent an OPT record
    ///     (RFC 6891 section 7).
    package func append(
        answering question: DNSQuestion, _ section: Span<UInt8>, sizeLimit: Int, to output: inout [UInt8]
    ) {
        let start = output.count
        output.append(bigEndian: question.identifier)
        // QR, RD as asked, RA.
        output.append(bigEndian: 0x8080 | (question.recursionDesired ? 0x0100 : 0) | UInt16(responseCode))
        output.append(bigEndian: UInt16(1))
        for _ in 0..<3 { output.append(bigEndian: UInt16(0)) }
        output.append(copying: section)
        var errorBytes: Int?
        var end = start + sizeLimit
        if question.udpSize != nil {
            end -= Self.optBytes
            if let extendedError {
                // For people, so it may be cut.
                let limit = min(400, end - output.count - Self.extendedErrorBytes)
                let length = Self.cut(extendedError.text, to: limit)
                errorBytes = length
                end -= Self.extendedErrorBytes + length
            }
        }
        var count = 0
        for address in addresses {
            guard output.count + 12 + address.byteCount <= end else { break }
            begin(address.family == .v4 ? .a : .aaaa, in: &output)
            output.append(bigEndian: UInt16(address.byteCount))
            address.append(to: &output)
            count += 1
        }
        for service in services {
            let record = output.count
            begin(question.type, in: &output)
            output.append(bigEndian: UInt16(0))
            service.append(to: &output)
            guard output.count <= end else {
                output.removeSubrange(record...)
                break
            }
            output.store(bigEndian: UInt16(output.count - record - 12), at: record + 10)
            count += 1
        }
        output.store(bigEndian: UInt16(count), at: start + 6)
        if isPartial || count < addresses.count + services.count { output[start + 2] |= 0x02 }
        if question.udpSize != nil {
            appendOPT(errorBytes, to: &output)
            output.store(bigEndian: 1, at: start + 10)
        }
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
    ///
    /// - Parameter length: of the error's text as it was cut; `nil` for none.
    private func appendOPT(_ length: Int?, to output: inout [UInt8]) {
        output.append(0)
        output.append(bigEndian: DNSRecordType.opt.rawValue)
        output.append(bigEndian: UInt16(1232))
        output.append(bigEndian: UInt32(0))
        guard let extendedError, let length else { return output.append(bigEndian: UInt16(0)) }
        output.append(bigEndian: UInt16(Self.extendedErrorBytes + length))
        output.append(bigEndian: UInt16(15))
        output.append(bigEndian: UInt16(2 + length))
        output.append(bigEndian: extendedError.code)
        output.append(copying: extendedError.text.utf8Span.span.extracting(0..<length))
    }

    /// How many bytes of whole characters fit: EXTRA-TEXT is UTF-8 (RFC 8914 section 2).
    private static func cut(_ text: String, to limit: Int) -> Int {
        let bytes = text.utf8Span.span
        guard limit < bytes.count else { return bytes.count }
        var length = max(limit, 0)
        while length > 0, bytes[length] & 0xc0 == 0x80 { length -= 1 }
        return length
    }
}
