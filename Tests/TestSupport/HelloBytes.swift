import WireFormats

/// ClientHellos put together by hand, so that they can be wrong in one place.
package enum HelloBytes {
    /// One record that holds one hello.
    package static func record(_ extensions: [[UInt8]]?) -> [UInt8] { records(message(extensions), sizes: []) }

    /// A handshake message cut into records: the given sizes first, then the rest.
    package static func records(_ message: [UInt8], sizes: [Int]) -> [UInt8] {
        var output: [UInt8] = []
        var rest = message[...]
        for size in sizes + [message.count] {
            let part = rest.prefix(size)
            rest = rest.dropFirst(size)
            guard !part.isEmpty else { continue }
            output += [22, 3, 1]
            output.append(bigEndian: UInt16(part.count))
            output += part
        }
        return output
    }

    /// The handshake message; without extensions, as TLS 1.0 had it, for `nil`.
    package static func message(_ extensions: [[UInt8]]?) -> [UInt8] {
        var body: [UInt8] = [3, 3] + [UInt8](repeating: 7, count: 32) + [0, 0, 4, 0x13, 0x01, 0xc0, 0x2f, 1, 0]
        if let extensions {
            let all = extensions.flatMap { $0 }
            body.append(bigEndian: UInt16(all.count))
            body += all
        }
        return [1, UInt8(body.count >> 16), UInt8(body.count >> 8 & 255), UInt8(body.count & 255)] + body
    }

    package static func serverName(_ names: String...) -> [UInt8] {
        var list: [UInt8] = []
        for name in names {
            list.append(0)
            list.append(bigEndian: UInt16(name.utf8.count))
            list += name.utf8
        }
        var value: [UInt8] = []
        value.append(bigEndian: UInt16(list.count))
        return `extension`(0, value + list)
    }

    package static func protocols(_ names: String...) -> [UInt8] {
        let list = names.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        var value: [UInt8] = []
        value.append(bigEndian: UInt16(list.count))
        return `extension`(16, value + list)
    }

    package static func `extension`(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: type)
        bytes.append(bigEndian: UInt16(value.count))
        return bytes + value
    }
}
