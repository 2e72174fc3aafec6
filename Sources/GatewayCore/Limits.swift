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
}
