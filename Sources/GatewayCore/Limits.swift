/// Every limit of the pipeline, with what happens when it is hit.
package enum Limits {
    /// Seconds that a pin outlives its answer's lifetime, for clients that look up once and connect late.
    package static let pinGraceSeconds: UInt64 = 120

    /// Pinned (agent, address) pairs; past it expired ones go first, and then new answers are refused (SERVFAIL).
    package static let pins = 65_536

    /// Names pinned to one address; past it further names are refused like new pins. Content networks share addresses.
    package static let namesPerAddress = 64

    /// Longest lifetime of an answer handed to an agent, in seconds; longer ones are shortened.
    package static let answerLifetimeSeconds: UInt32 = 3600

    /// Queries waiting for a resolver; past it SERVFAIL at once.
    package static let pendingQueries = 256

    /// Seconds until a resolver's silence is a failure: the agent is told, and may ask again.
    package static let resolverTimeoutSeconds: UInt64 = 5

    /// Bytes of a UDP answer, whatever the agent says it takes (DNS flag day 2020); of more addresses than fit the first
    /// are sent, cut (TC), and all of them over TCP.
    package static let udpAnswerBytes = 1232

    /// Bytes of an answer over TCP: what its length field holds.
    package static let streamAnswerBytes = 65_535

    /// Answers kept to be given again, an agent, and addresses of one; past it the resolver is asked each time.
    package static let cachedAnswers = 1024
    package static let cachedAddressesPerAnswer = 256

    /// Refused names that are remembered with their answer, an agent; past it all of them are forgotten, and judged
    /// anew.
    package static let rememberedRefusals = 1024

    /// Targets of service bindings that are kept in mind, and owners of one; past it they are not followed.
    package static let serviceTargets = 256
    package static let ownersPerServiceTarget = 16

    /// Bytes that are read and thrown away after a refusal, so that the agent reads the answer before the connection
    /// ends; past it the connection is closed at once.
    package static let drainedBytes = 1 << 20

    /// Interim (1xx) responses to one request; an origin that sends more is taken for one that never answers.
    package static let interimResponses = 16

    /// The shortest run of letters and digits in a path that may be a secret, in bytes: AWS key identifiers have 20.
    package static let redactedRunBytes = 20

    /// Refusals logged a second in the long run, and in one burst; past it they are counted, and the count is logged.
    package static let loggedRefusalsPerSecond = 100
    package static let loggedRefusalsBurst = 2000

    /// Bytes of a flow within which its ClientHello must end where it is judged in the packet queue; past it the flow is
    /// refused. Post-quantum hellos have about 1.8 KiB.
    package static let judgedHelloBytes = 16 * 1024

    /// Packets held for one TCP flow until its hello is whole; past it the flow is refused. 16 KiB take 12 full segments.
    package static let heldPacketsPerFlow = 256

    /// Packets held for all flows of a transport; past it the flow that needs one more is refused. The two of them fill
    /// half of the kernel's queue (8,192), so that held packets never crowd out new ones.
    package static let heldPackets = 2048

    /// Flows that are kept track of until the kernel forwards them, and a moment longer; past it new ones are refused.
    package static let judgedFlows = 8192

    /// Seconds from the SYN, and again from the server's answer to it, within which the hello must be whole; then the flow
    /// is reset. As long as an intercepted flow has.
    package static let judgingSeconds: UInt64 = 15

    /// Seconds that the server has to acknowledge an accepted hello; then the flow is reset.
    package static let acknowledgementSeconds: UInt64 = 60

    /// Seconds that a flow is remembered after it was handed to the kernel or ended, for packets that were under way.
    package static let settledFlowSeconds: UInt64 = 2

    /// Bytes that either side can have sent of a flow before its hello is acknowledged, early data for the most part;
    /// segments of the agent past it end the flow, those of the server are dropped.
    package static let unacknowledgedBytes = 1 << 20

    /// Datagrams held for one QUIC connection until its hello is whole; past it the flow is refused. Clients send two or
    /// three before they hear from the server.
    package static let heldDatagramsPerConnection = 32

    /// QUIC connections whose handshakes share a flow, one that starts over after a Retry counted twice; past it the flow
    /// is refused.
    package static let quicConnectionsPerFlow = 8

    /// Seconds after a handshake's last packet that a QUIC connection's keys are remembered, for packets that are sent again.
    package static let quicHandshakeSeconds: UInt64 = 60

    /// Bytes of a seal's reason; the rest is cut and marked. A few sentences.
    package static let sealReasonBytes = 512

    /// Causes of a seal that are kept besides the first; past it they are counted.
    package static let laterSealCauses = 8

    /// Bytes of a seal record; a longer one is not read, and seals all the same. Nine causes with reasons take 5.3 KiB.
    package static let sealRecordBytes = 8192
}
