internal import GatewayCore
internal import LinuxKernel

extension PacketLoop {
    /// What the packets thread keeps between packets. Confined to it.
    struct State: ~Copyable {
        var plane: PacketPlane
        var exchanges: [ResolverExchange] = []
        /// Who waits for the answer to a query that came over TCP.
        var streams: [UInt64: @Sendable (NameMailbox.Answer) -> Void] = [:]
        var nextStream: UInt64 = 0
        var random = SystemRandomNumberGenerator()
        /// Of the next question to a resolver. Nobody has seen it; a system call for each packet would be one too many.
        var identifier: UInt16 = 0
        /// Verdicts on the packets read last, in their order.
        var judged: [(packet: UInt32, verdict: PacketVerdict)] = []
        /// What has to be recorded before those verdicts are given.
        var decisions: [Decision] = []
        /// Packets to the agent that go out with them, one behind the other, and where each ends.
        var answers: [UInt8] = []
        var answerEnds: [UInt32] = []
        /// A packet that answers what a resolver was asked for. Apart from those, for it goes out by itself.
        var late: [UInt8] = []
        /// Verdicts on held packets, to be given once the queue has been read.
        var verdicts: [(packet: UInt32, verdict: PacketVerdict)] = []
        /// When the flows that are judged were last looked through for those out of time.
        var checkedAt = Timestamp(nanoseconds: 0)

        init(plane: consuming PacketPlane) {
            self.plane = plane
            refreshIdentifier()
        }

        mutating func refreshIdentifier() { identifier = .random(in: .min ... .max, using: &random) }
    }
}
