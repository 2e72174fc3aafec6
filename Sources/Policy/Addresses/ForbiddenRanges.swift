package import WireFormats

/// Which addresses are not ordinary public ones.
///
/// Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and successors): blocks that are not
/// globally reachable, plus metadata services at addresses that would pass otherwise. IPv6 is judged the other way
/// round: what is outside 2000::/3, the only block handed out for global unicast, is refused, with NAT64 as the
/// exception. Forms that carry an IPv4 address inside are judged by that address as well.
package enum ForbiddenRanges {
    /// - Returns: what `address` is, or `nil` for an ordinary public address.
    package static func classify(_ address: IPAddress) -> AddressClass? {
        switch address.family {
        case .v4: classifyV4(UInt32(truncatingIfNeeded: address.low))
        case .v6: classifyV6(address)
        }
    }

    private static func classifyV4(_ bits: UInt32) -> AddressClass? {
        for metadata in metadataV4 where bits == metadata { return .metadata }
        for block in blocksV4 where bits & block.mask == block.base { return block.kind }
        return nil
    }

    private static func classifyV6(_ address: IPAddress) -> AddressClass? {
        for metadata in metadataV6 where address == metadata { return .metadata }
        for block in blocksV6 where address.high & block.highMask == block.high && address.low & block.lowMask == block.low {
            guard let kind = block.kind else { return embeddedClass(of: address) }
            return kind
        }
        return address.high >> 61 == 1 ? nil : .reserved
    }

    private static func embeddedClass(of address: IPAddress) -> AddressClass? {
        let embedded = embeddedV4(in: address)
        for inner in [embedded.first, embedded.second] {
            if let inner, let kind = classify(inner) { return kind }
        }
        return nil
    }

    /// The IPv4 addresses that an IPv6 address stands for or is carried through.
    ///
    /// Mapped (RFC 4291), compatible (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056), Teredo server and client (RFC 4380).
    package static func embeddedV4(in address: IPAddress) -> (first: IPAddress?, second: IPAddress?) {
        guard address.family == .v6 else { return (nil, nil) }
        let last = IPAddress(v4: UInt32(truncatingIfNeeded: address.low))
        if address.high == 0, address.low >> 32 == 0xffff || address.low >> 32 == 0 { return (last, nil) }
        if address.high == 0x0064_ff9b_0000_0000, address.low >> 32 == 0 { return (last, nil) }
        if address.high >> 48 == 0x2002 { return (IPAddress(v4: UInt32(truncatingIfNeeded: address.high >> 16)), nil) }
        if address.high >> 32 == 0x2001_0000 {
            // The client's address is stored with every bit flipped (RFC 4380 section 4).
            return (IPAddress(v4: UInt32(truncatingIfNeeded: address.high)), IPAddress(v4: ~UInt32(truncatingIfNeeded: address.low)))
        }
        return (nil, nil)
    }

    private struct BlockV4: Sendable {
        let base: UInt32
        let mask: UInt32
        let kind: AddressClass

        init(_ base: UInt32, _ length: UInt32, _ kind: AddressClass) {
            self.base = base
            mask = UInt32.max << (32 - length)
            self.kind = kind
        }
    }

    private struct BlockV6: Sendable {
        let high: UInt64
        let highMask: UInt64
        let low: UInt64
        let lowMask: UInt64
        /// `nil`: judged by the IPv4 address inside.
        let kind: AddressClass?

        init(_ high: UInt64, _ low: UInt64, _ length: UInt64, _ kind: AddressClass?) {
            self.high = high
            self.low = low
            highMask = length == 0 ? 0 : UInt64.max << (64 - min(length, 64))
            lowMask = length <= 64 ? 0 : UInt64.max << (128 - length)
            self.kind = kind
        }
    }

    private static let metadataV4: [UInt32] = [
        0xa9fe_a9fe,  // 169.254.169.254: AWS, Azure, GCP, OpenStack, DigitalOcean, Oracle
        0xa9fe_aa02,  // 169.254.170.2: AWS container credentials
        0xa9fe_aa17,  // 169.254.170.23: AWS pod identity
        0x6464_64c8,  // 100.100.100.200: Alibaba Cloud
        0xa83f_8110,  // 168.63.129.16: Azure host services, at a public address
        0xc000_00c0,  // 192.0.0.192: Oracle Cloud Classic
    ]

    private static let metadataV6: [IPAddress] = [
        IPAddress(v6High: 0xfd00_0ec2_0000_0000, low: 0x254),  // fd00:ec2::254: AWS
        IPAddress(v6High: 0xfd00_0ec2_0000_0000, low: 0x23),  // fd00:ec2::23: AWS pod identity
        IPAddress(v6High: 0xfd20_00ce_0000_0000, low: 0x254),  // fd20:ce::254: GCP
    ]

    /// The narrower block first.
    private static let blocksV4: [BlockV4] = [
        BlockV4(0x0000_0000, 32, .unspecified),  // 0.0.0.0/32: RFC 1122
        BlockV4(0x0000_0000, 8, .thisNetwork),  // 0.0.0.0/8: RFC 791
        BlockV4(0x0a00_0000, 8, .privateUse),  // 10.0.0.0/8: RFC 1918
        BlockV4(0x6440_0000, 10, .sharedAddressSpace),  // 100.64.0.0/10: RFC 6598
        BlockV4(0x7f00_0000, 8, .loopback),  // 127.0.0.0/8: RFC 1122
        BlockV4(0xa9fe_0000, 16, .linkLocal),  // 169.254.0.0/16: RFC 3927
        BlockV4(0xac10_0000, 12, .privateUse),  // 172.16.0.0/12: RFC 1918
        BlockV4(0xc000_0000, 24, .protocolAssignments),  // 192.0.0.0/24: RFC 6890
        BlockV4(0xc000_0200, 24, .documentation),  // 192.0.2.0/24: RFC 5737
        BlockV4(0xc058_6300, 24, .reserved),  // 192.88.99.0/24: the former 6to4 relay anycast, RFC 7526
        BlockV4(0xc0a8_0000, 16, .privateUse),  // 192.168.0.0/16: RFC 1918
        BlockV4(0xc612_0000, 15, .benchmarking),  // 198.18.0.0/15: RFC 2544
        BlockV4(0xc633_6400, 24, .documentation),  // 198.51.100.0/24: RFC 5737
        BlockV4(0xcb00_7100, 24, .documentation),  // 203.0.113.0/24: RFC 5737
        BlockV4(0xe000_0000, 4, .multicast),  // 224.0.0.0/4: RFC 5771
        BlockV4(0xffff_ffff, 32, .broadcast),  // 255.255.255.255/32: RFC 919
        BlockV4(0xf000_0000, 4, .reserved),  // 240.0.0.0/4: RFC 1112
    ]

    /// The narrower block first; `nil` is judged by the IPv4 address inside.
    private static let blocksV6: [BlockV6] = [
        BlockV6(0, 0, 128, .unspecified),  // ::/128
        BlockV6(0, 1, 128, .loopback),  // ::1/128
        BlockV6(0, 0xffff_0000_0000, 96, nil),  // ::ffff:0:0/96: mapped
        BlockV6(0x0064_ff9b_0000_0000, 0, 96, nil),  // 64:ff9b::/96: NAT64, RFC 6052
        BlockV6(0x0064_ff9b_0001_0000, 0, 48, .localTranslation),  // 64:ff9b:1::/48: RFC 8215
        BlockV6(0x2001_0000_0000_0000, 0, 32, nil),  // 2001::/32: Teredo, RFC 4380
        BlockV6(0x2001_0002_0000_0000, 0, 48, .benchmarking),  // 2001:2::/48: RFC 5180
        BlockV6(0x2001_0db8_0000_0000, 0, 32, .documentation),  // 2001:db8::/32: RFC 3849
        BlockV6(0x2001_0000_0000_0000, 0, 23, .protocolAssignments),  // 2001::/23: RFC 2928, the rest of it
        BlockV6(0x2002_0000_0000_0000, 0, 16, nil),  // 2002::/16: 6to4, RFC 3056
        BlockV6(0x3fff_0000_0000_0000, 0, 20, .documentation),  // 3fff::/20: RFC 9637
        BlockV6(0xfc00_0000_0000_0000, 0, 7, .uniqueLocal),  // fc00::/7: RFC 4193
        BlockV6(0xfe80_0000_0000_0000, 0, 10, .linkLocal),  // fe80::/10: RFC 4291
        BlockV6(0xfec0_0000_0000_0000, 0, 10, .siteLocal),  // fec0::/10: RFC 3879
        BlockV6(0xff00_0000_0000_0000, 0, 8, .multicast),  // ff00::/8: RFC 4291
    ]
}
