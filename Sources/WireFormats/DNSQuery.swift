/// A question as an agent sends it, with its name as a name: what is kept of a ``DNSQuestion`` while a resolver is asked.
package struct DNSQuery: Hashable, Sendable {
    package var asked: DNSQuestion
    package var name: HostName
    /// The question section as sent, to be echoed with the agent's own spelling.
    package var question: [UInt8]

    package var identifier: UInt16 { asked.identifier }
    package var type: DNSRecordType { asked.type }
    package var recursionDesired: Bool { asked.recursionDesired }
    /// The largest UDP answer the agent takes, in bytes; `nil` without EDNS, which means 512.
    package var udpSize: UInt16? { asked.udpSize }

    /// What a datagram to port 53 turned out to be.
    package enum ParseResult: Hashable, Sendable {
        case query(DNSQuery)
        /// Not a query that can be judged. With an identifier a FORMERR answer can be sent.
        case malformed(identifier: UInt16?)
    }

    /// - Parameter bytes: the message that `asked` was read from.
    /// - Returns: `nil` when the name is none of a host.
    package init?(_ asked: DNSQuestion, in bytes: Span<UInt8>) {
        guard let (text, _) = DNSName.read(bytes, at: asked.section.lowerBound), let name = try? HostName(text.span) else {
            return nil
        }
        self.asked = asked
        self.name = name
        question = [UInt8](copying: bytes.extracting(asked.section))
    }

    package static func parse(_ bytes: Span<UInt8>) -> ParseResult {
        switch DNSQuestion.read(bytes) {
        case .malformed(let identifier): .malformed(identifier: identifier)
        case .question(let asked):
            DNSQuery(asked, in: bytes).map { .query($0) } ?? .malformed(identifier: asked.identifier)
        }
    }

    /// The same question for a resolver: our identifier, recursion desired, EDNS with 1232 bytes, no client data.
    package func forResolver(identifier: UInt16) -> [UInt8] {
        var message: [UInt8] = []
        message.append(bigEndian: identifier)
        message += [0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1]
        DNSName.append(name, to: &message)
        message.append(bigEndian: type.rawValue)
        message += [0, 1]
        // OPT: root name, type 41, 1232 bytes (DNS flag day 2020), no flags, no options.
        message += [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]
        return message
    }
}
