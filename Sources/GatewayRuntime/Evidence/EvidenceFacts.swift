internal import LinuxKernel

/// What the kernel says of the agents at the moment of the bundle.
struct EvidenceFacts {
    /// A process, with whose it is.
    struct OwnedProcess {
        var process: ProcessEntry
        var owner: Owner
    }

    struct OwnedSocket {
        var socket: SocketEntry
        var namespace: UInt64
        var owner: Owner
        /// Who holds it; those of others are not looked at.
        var holders: [Int32]
    }

    struct OwnedFlow {
        var flow: ConntrackEntry
        var namespace: UInt64
        var owner: Owner
    }

    /// Agents by name, and whether it is the gateway's own on their behalf.
    struct Owner: Hashable {
        var agents: [String]
        var isGateway: Bool
    }

    /// Unix sockets of a namespace: all, and those of the processes above.
    struct UnixCount {
        var namespace: UInt64
        var all: Int
        var owned: Int
    }

    var processes: [OwnedProcess] = []
    var sockets: [OwnedSocket] = []
    var unixCounts: [UnixCount] = []
    var flows: [OwnedFlow] = []
    /// Text of the gateway's tables in each namespace.
    var rulesets: [(namespace: UInt64, listing: RulesetListing.Found)] = []
    var networks: [(namespace: UInt64, links: [NetworkLink], addresses: [RouteSocket.InterfaceAddress])] = []
    /// Parts that are not all there, and why.
    var missing: [EvidenceGap] = []
}

/// A part of a bundle that is not there, or not all there.
package struct EvidenceGap: Hashable, Sendable {
    /// The file, or what in it.
    package var part: String
    package var reason: String
}
