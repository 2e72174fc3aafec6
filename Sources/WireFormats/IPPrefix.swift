/// A block of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3).
package struct IPPrefix: Hashable, Sendable {
    package let base: IPAddress
    /// Leading bits that count: 0 to 32 for IPv4, 0 to 128 for IPv6.
    package let length: Int

    /// - Returns: `nil` when `length` does not fit the family or host bits of `base` are set.
    package init?(_ base: IPAddress, length: Int) {
        guard (0...base.bitWidth).contains(length), base.masked(to: length) == base else { return nil }
        self.base = base
        self.length = length
    }

    /// Reads `10.0.0.0/8` or a bare address, which is a block of one.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let base = IPAddress(String(parts[0])) else { return nil }
        guard parts.count == 2 else {
            self.init(base, length: base.bitWidth)
            return
        }
        guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(parts[1])
        else { return nil }
        self.init(base, length: length)
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.family == base.family && address.masked(to: length) == base
    }
}

extension IPPrefix: CustomStringConvertible {
    package var description: String { "\(base)/\(length)" }
}

extension IPAddress {
    /// The address with all but its first `length` bits cleared.
    package func masked(to length: Int) -> IPAddress {
        switch family {
        case .v4:
            let kept = length == 0 ? 0 : UInt32.max << UInt32(32 - length)
            return IPAddress(v4: UInt32(truncatingIfNeeded: low) & kept)
        case .v6:
            let keptHigh = length >= 64 ? UInt64.max : length == 0 ? 0 : UInt64.max << UInt64(64 - length)
            let keptLow = length >= 128 ? UInt64.max : length <= 64 ? 0 : UInt64.max << UInt64(128 - length)
            return IPAddress(v6High: high & keptHigh, low: low & keptLow)
        }
    }
}
