package import WireFormats

// The decoders on arrays: the testing macros cannot hold a span.

extension IPPacket {
    package init?(_ bytes: [UInt8]) { self.init(bytes.span) }
}

extension TCPHeader {
    package init?(_ bytes: [UInt8]) { self.init(bytes.span) }
}

extension UDPHeader {
    package init?(_ bytes: [UInt8]) { self.init(bytes.span) }
}

extension DNSName {
    package static func read(_ message: [UInt8], at start: Int) -> (text: [UInt8], next: Int)? {
        read(message.span, at: start)
    }
}

extension DNSRecord {
    package static func read(_ message: [UInt8], at offset: Int) -> DNSRecord? { read(message.span, at: offset) }
}

extension DNSQuery {
    package static func parse(_ bytes: [UInt8]) -> ParseResult { parse(bytes.span) }
}

extension DNSAnswer {
    package static func parse(_ bytes: [UInt8], to query: DNSQuery, identifier: UInt16) -> DNSAnswer? {
        parse(bytes.span, to: query, identifier: identifier)
    }
}

extension ClientHello {
    package static func parse(_ bytes: [UInt8]) -> ParseResult { parse(bytes.span) }
}
