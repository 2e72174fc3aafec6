/// How much an agent may tell and be told through names, a zone at a time: the answer to tunnels inside allowed zones.
///
/// A zone is a registrable domain (``PublicSuffix/registrableDomain(of:)``): whoever runs it sees every name that is
/// asked for below it, so all names below it share one budget. Budgets are an agent's own, and hold without any key in
/// the policy. When one is hit, the zone is refused for ``refusalSeconds``.
package struct DNSBudget: Hashable, Sendable {
    /// Names of a zone that were not asked for in the last hour, in the minute that starts with the first of them.
    /// Package managers and model APIs use fewer than ten names of a zone, a browser on one site 20 to 40; a tunnel needs
    /// a new name for every 100 to 200 bytes.
    package let uniqueNamesPerMinute: Int

    /// Bytes of a zone's new names and new answers in an hour; what was seen before costs ``repeatBytes``. 60 names of 60
    /// bytes with four addresses of both families are 8 KiB.
    package let bytesPerZonePerHour: Int

    /// Bits a character from which a label of ``longLabelBytes`` or more counts as random. English words with digits and
    /// hyphens have 3.2 to 3.8, hexadecimal digits 4 at most, base32 of 40 characters 4.4, base64 5.
    package let labelEntropyBits: Double

    package init(
        uniqueNamesPerMinute: Int = 60, bytesPerZonePerHour: Int = 64 * 1024, labelEntropyBits: Double = 4
    ) {
        self.uniqueNamesPerMinute = uniqueNamesPerMinute
        self.bytesPerZonePerHour = bytesPerZonePerHour
        self.labelEntropyBits = labelEntropyBits
    }

    package static let standard = DNSBudget()

    /// Bytes that a name or address costs when the zone's last hour has seen it: that it came again still tells something.
    package static let repeatBytes = 1

    /// Bytes of a label from which its entropy is judged; shorter ones have too few characters for a verdict. Names of
    /// content networks have 8 to 20.
    package static let longLabelBytes = 24

    /// Names with a random label in an hour at which a zone counts as a tunnel. Load balancers and storage have such names,
    /// one or two to a service.
    package static let randomNames = 10

    /// Points that a zone's questions of refused types (TXT, NULL, CNAME, …) may cost in a minute before it counts as a
    /// tunnel: one for a name that was asked for so before, ``newRefusedTypePoints`` for a new one. They are never asked of
    /// a resolver; a program that keeps trying is looking for a way. Package managers ask for one SRV a run, gRPC for a TXT
    /// of the same name with each connection; a tunnel that looks for a type that passes has a new name each time.
    package static let refusedTypePointsPerMinute = 60
    package static let newRefusedTypePoints = 5

    /// Seconds that a zone stays refused; then its budgets are looked at again, and an hour's may still be spent.
    package static let refusalSeconds: UInt64 = 300

    /// Zones of an agent that are kept track of; past it zones without a question in the last hour make room, and without
    /// such a one names of new zones are refused.
    package static let zones = 1024

    /// Names and addresses of a zone that are remembered, as hashes, in an hour; past it new names of it are refused.
    package static let rememberedPerZone = 8192
}

extension DNSBudget: CustomStringConvertible {
    package var description: String {
        "\(uniqueNamesPerMinute) new names a minute, \(Self.text(bytes: bytesPerZonePerHour)) an hour, labels of \(labelEntropyBits) bits a character"
    }

    private static func text(bytes: Int) -> String {
        for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] where bytes.isMultiple(of: unit) {
            return "\(bytes / unit) \(name)"
        }
        return "\(bytes) bytes"
    }
}
