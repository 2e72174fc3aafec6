internal import GatewayCore
internal import LinuxKernel
internal import Policy
internal import WireFormats

/// What is known of one agent: who guards it, and whether it is sealed, by its record and by the kernel.
struct AgentStatus: Sendable {
    /// The process around it.
    struct Gateway: Hashable, Sendable {
        var process: Int32
        var startedAt: UInt64
        var isService: Bool
        var isAlive: Bool
    }

    /// What the kernel says of the agent's seal tables.
    enum Kernel: Hashable, Sendable {
        case awake
        case asleep
        /// There is none, and there has to be none: nothing of the agent's is left.
        case nothing
        /// Tables that are missing, altered, or not all alike.
        case broken(String)
        /// The namespace cannot be entered from here.
        case unknown(String)

        var words: String {
            switch self {
            case .awake: "awake"
            case .asleep: "asleep"
            case .nothing: "no table"
            case .broken(let words): words
            case .unknown(let words): "cannot be asked: \(words)"
            }
        }
    }

    /// ``SealStore/everybody`` for the seal on everybody.
    var name: String
    var gateway: Gateway?
    var scope: String?
    var mode: String?
    var queue: String?
    /// The agent's own, or else that on everybody.
    var record: SealRecord?
    var kernel: Kernel

    /// Whether kernel and record say the same.
    var isAgreed: Bool {
        switch kernel {
        case .awake: record != nil
        case .asleep: record == nil
        case .nothing: true
        case .broken: false
        // Who is to be sealed, and cannot be seen to be, is not known to be.
        case .unknown: record == nil
        }
    }

    private var state: String {
        switch (record != nil, isAgreed) {
        case (true, true) where kernel == .nothing: "sealed"
        case (true, true): "sealed (kernel: \(kernel.words))"
        case (false, true): "open"
        case (true, false): "SEALED ON RECORD, KERNEL SAYS: \(kernel.words)"
        case (false, false): "NO SEAL ON RECORD, KERNEL SAYS: \(kernel.words)"
        }
    }

    private var gatewayText: String {
        guard let gateway else { return name == SealStore.everybody ? "who comes later too" : "not running" }
        return "\(gateway.isService ? "service" : "jail") \(gateway.process) \(gateway.isAlive ? "alive" : "DEAD")"
    }

    /// The columns of a line; those that are known.
    private var columns: [String] {
        [name == SealStore.everybody ? "everybody" : name, state, gatewayText, scope ?? "-", mode ?? "-", queue ?? "-", sealText]
    }

    /// `since 2026-01-31T23:59:59.000Z, command by uid 0: it asked for the customers' table`
    private var sealText: String {
        guard let record else { return "" }
        let whose = record.agent == SealStore.everybody && name != SealStore.everybody ? " (everybody)" : ""
        guard record.cause.at > 0 else { return "\(record.cause)\(whose)" }
        return "since \(Self.text(record.cause.at)), \(record.cause)\(whose)"
    }

    /// A line for each agent, in columns.
    static func text(_ agents: [AgentStatus]) -> String {
        guard !agents.isEmpty else { return "nobody is guarded, and nobody is sealed" }
        let rows = agents.map { $0.columns.map { TextSafety.printable($0, limitBytes: 512) } }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    func append(to json: inout JSONText) {
        json.beginObject()
        json.member("name", name)
        json.key("gateway")
        if let gateway {
            json.beginObject()
            json.member("pid", gateway.process)
            json.member("service", gateway.isService)
            json.member("alive", gateway.isAlive)
            json.endObject()
        } else {
            json.null()
        }
        json.member("scope", scope)
        json.member("mode", mode)
        json.member("packet_queue", queue)
        json.member("sealed", record != nil)
        json.member("kernel", kernel.words)
        json.member("agree", isAgreed)
        if let record {
            json.member("since", record.cause.at > 0 ? Self.text(record.cause.at) : nil)
            json.member("cause", record.cause.code.rawValue)
            json.member("reason", record.cause.reason)
            json.member("uid", record.cause.uid)
            json.member("everybody", record.agent == SealStore.everybody)
        }
        json.endObject()
    }

    private static func text(_ wallNanoseconds: UInt64) -> String {
        var time = TimeText()
        return String(decoding: time.rfc3339(wallNanoseconds), as: UTF8.self)
    }
}
