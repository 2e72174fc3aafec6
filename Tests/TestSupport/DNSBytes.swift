package import WireFormats

/// DNS messages put together by hand, so that they can be wrong in one place.
package enum DNSBytes {
    /// Labels with their lengths and the root's zero.
    package static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    /// - Parameter counts: of questions, answers, authorities and additional records.
    package static func header(_ identifier: UInt16, flags: UInt16, counts: [UInt16]) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in [identifier, flags] + counts { bytes.append(bigEndian: number) }
        return bytes
    }

    package static func question(_ name: String, _ type: DNSRecordType) -> [UInt8] {
        var bytes = self.name(name)
        bytes.append(bigEndian: type.rawValue)
        return bytes + [0, 1]
    }

    /// - Parameter owner: an encoded name; a pointer to the question's by default.
    package static func record(
        _ type: DNSRecordType, owner: [UInt8] = [0xc0, 12], class recordClass: UInt16 = 1, timeToLive: UInt32 = 300,
        data: [UInt8]
    ) -> [UInt8] {
        var bytes = owner
        bytes.append(bigEndian: type.rawValue)
        bytes.append(bigEndian: recordClass)
        bytes.append(bigEndian: timeToLive)
        bytes.append(bigEndian: UInt16(data.count))
        return bytes + data
    }

    /// An OPT record of a client.
    package static func opt(size: UInt16) -> [UInt8] { record(.opt, owner: [0], class: size, timeToLive: 0, data: []) }

    package static func query(
        _ name: String, _ type: DNSRecordType, identifier: UInt16 = 7, edns: UInt16? = 1232
    ) -> [UInt8] {
        header(identifier, flags: 0x0100, counts: [1, 0, 0, edns == nil ? 0 : 1]) + question(name, type)
            + (edns.map(opt) ?? [])
    }

    /// A resolver's answer.
    package static func answer(
        _ name: String, _ type: DNSRecordType, identifier: UInt16, flags: UInt16 = 0x8180, records: [[UInt8]]
    ) -> [UInt8] {
        header(identifier, flags: flags, counts: [1, UInt16(records.count), 0, 0]) + question(name, type)
            + records.joined()
    }

    /// One address record of its own family's type.
    package static func address(_ address: IPAddress, timeToLive: UInt32 = 300, owner: [UInt8] = [0xc0, 12]) -> [UInt8] {
        record(address.family == .v4 ? .a : .aaaa, owner: owner, timeToLive: timeToLive, data: address.bytes)
    }

    package static func alias(_ owner: String, to target: String, timeToLive: UInt32 = 300) -> [UInt8] {
        record(.cname, owner: name(owner), timeToLive: timeToLive, data: name(target))
    }
}
