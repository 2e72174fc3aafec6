extension DNSServiceBinding {
    /// Reads RDATA (RFC 9460 section 2.2).
    ///
    /// - Returns: `nil` when it is malformed in any parameter it reads: keys out of order or twice, lengths that do not
    ///   fit, a compressed target, a mandatory key that is missing. Such a record is not to be used at all.
    package static func parse(_ message: Span<UInt8>, _ data: Range<Int>) -> DNSServiceBinding? {
        guard data.upperBound <= message.count else { return nil }
        // The names and lengths below may not run past the record.
        let bytes = message.extracting(..<data.upperBound)
        guard let priority = bytes.bigEndianUInt16(at: data.lowerBound),
            let (text, start) = DNSName.read(bytes, at: data.lowerBound + 2),
            // Not compressed: as many bytes as the labels have, with their lengths and the root.
            start == data.lowerBound + 2 + (text.isEmpty ? 1 : text.count + 2)
        else { return nil }
        var target: HostName?
        if !text.isEmpty {
            guard let name = try? HostName(text.span) else { return nil }
            target = name
        }
        var binding = DNSServiceBinding(priority: priority, target: target)
        var offset = start
        var last: UInt16?
        var present: [UInt16] = []
        while offset < bytes.count {
            guard let key = bytes.bigEndianUInt16(at: offset), let length = bytes.bigEndianUInt16(at: offset + 2),
                offset + 4 + Int(length) <= bytes.count, last.map({ $0 < key }) ?? true, key != .max
            else { return nil }
            guard binding.take(key, bytes.extracting(offset + 4..<offset + 4 + Int(length))) else { return nil }
            present.append(key)
            last = key
            offset += 4 + Int(length)
        }
        guard binding.mandatory.allSatisfy(present.contains), !binding.hasNoDefaultProtocol || !binding.protocols.isEmpty
        else { return nil }
        // AliasMode: parameters are to be ignored (section 2.4.2).
        return priority == 0 ? DNSServiceBinding(priority: 0, target: target) : binding
    }

    /// - Returns: false when the value is not one of the key's.
    private mutating func take(_ key: UInt16, _ value: Span<UInt8>) -> Bool {
        switch key {
        case Key.mandatory:
            guard value.count >= 2, value.count.isMultiple(of: 2) else { return false }
            for offset in stride(from: 0, to: value.count, by: 2) {
                guard let named = value.bigEndianUInt16(at: offset), named != Key.mandatory,
                    mandatory.last.map({ $0 < named }) ?? true
                else { return false }
                mandatory.append(named)
            }
        case Key.protocols:
            var offset = 0
            while let length = value.byte(at: offset) {
                guard length > 0, offset + 1 + Int(length) <= value.count else { return false }
                protocols.append([UInt8](copying: value.extracting(offset + 1..<offset + 1 + Int(length))))
                offset += 1 + Int(length)
            }
            return !protocols.isEmpty
        case Key.noDefaultProtocol:
            hasNoDefaultProtocol = true
            return value.isEmpty
        case Key.port:
            port = value.bigEndianUInt16(at: 0)
            return value.count == 2
        case Key.hints4: return takeHints(value, .v4, byteCount: 4)
        case Key.hints6: return takeHints(value, .v6, byteCount: 16)
        default: break
        }
        return true
    }

    private mutating func takeHints(_ value: Span<UInt8>, _ family: IPAddress.Family, byteCount: Int) -> Bool {
        guard !value.isEmpty, value.count.isMultiple(of: byteCount) else { return false }
        for offset in stride(from: 0, to: value.count, by: byteCount) {
            guard let address = IPAddress(family, in: value, at: offset) else { return false }
            hints.append(address)
        }
        return true
    }

    /// Appends the RDATA, with its parameters in order.
    package func append(to output: inout [UInt8]) {
        output.append(bigEndian: priority)
        if let target { DNSName.append(target, to: &output) } else { output.append(0) }
        guard priority > 0 else { return }
        if !mandatory.isEmpty {
            Self.begin(Key.mandatory, byteCount: 2 * mandatory.count, in: &output)
            for key in mandatory { output.append(bigEndian: key) }
        }
        if !protocols.isEmpty {
            Self.begin(Key.protocols, byteCount: protocols.reduce(0) { $0 + 1 + $1.count }, in: &output)
            for name in protocols {
                output.append(UInt8(truncatingIfNeeded: name.count))
                output += name
            }
        }
        if hasNoDefaultProtocol { Self.begin(Key.noDefaultProtocol, byteCount: 0, in: &output) }
        if let port {
            Self.begin(Key.port, byteCount: 2, in: &output)
            output.append(bigEndian: port)
        }
        for (key, family, byteCount) in [(Key.hints4, IPAddress.Family.v4, 4), (Key.hints6, .v6, 16)] {
            let count = hints.count { $0.family == family }
            guard count > 0 else { continue }
            Self.begin(key, byteCount: byteCount * count, in: &output)
            for address in hints where address.family == family { address.append(to: &output) }
        }
    }

    private static func begin(_ key: UInt16, byteCount: Int, in output: inout [UInt8]) {
        output.append(bigEndian: key)
        output.append(bigEndian: UInt16(truncatingIfNeeded: byteCount))
    }
}
