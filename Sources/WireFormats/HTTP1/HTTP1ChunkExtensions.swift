/// Checks `*( ";" token [ "=" ( token | quoted-string ) ] )` byte by byte (RFC 9112 section 7.1.1), without white space.
struct HTTP1ChunkExtensions {
    private enum State {
        case name(isEmpty: Bool)
        case value(isEmpty: Bool)
        case quoted
        case escaped
        case quoteEnd
    }

    private var state = State.name(isEmpty: true)
    private var remainingBytes: Int

    /// Starts behind the first semicolon.
    init(limitBytes: Int) { remainingBytes = limitBytes }

    /// - Returns: true when `byte` is the CR that ends the extensions.
    mutating func take(_ byte: UInt8) throws(HTTP1Violation) -> Bool {
        guard remainingBytes > 0 else { throw .chunkExtensionTooLong }
        remainingBytes -= 1
        switch state {
        case .name(let isEmpty):
            if byte.isTokenByte { state = .name(isEmpty: false) } else {
                guard !isEmpty else { throw .invalidChunkExtension }
                if byte == UInt8(ascii: "=") { state = .value(isEmpty: true) } else { return try separator(byte) }
            }
        case .value(let isEmpty):
            if byte.isTokenByte { state = .value(isEmpty: false) } else if isEmpty {
                guard byte == UInt8(ascii: "\"") else { throw .invalidChunkExtension }
                state = .quoted
            } else {
                return try separator(byte)
            }
        case .quoted:
            guard byte.isFieldValueByte else { throw .invalidChunkExtension }
            if byte == UInt8(ascii: "\"") { state = .quoteEnd } else if byte == UInt8(ascii: "\\") { state = .escaped }
        case .escaped:
            guard byte.isFieldValueByte else { throw .invalidChunkExtension }
            state = .quoted
        case .quoteEnd:
            return try separator(byte)
        }
        return false
    }

    private mutating func separator(_ byte: UInt8) throws(HTTP1Violation) -> Bool {
        switch byte {
        case .carriageReturn: return true
        case UInt8(ascii: ";"):
            state = .name(isEmpty: true)
            return false
        case .lineFeed: throw .bareLineFeed
        default: throw .invalidChunkExtension
        }
    }
}
