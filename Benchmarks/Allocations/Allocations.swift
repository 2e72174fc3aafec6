internal import CAllocationCounter
internal import GatewayCore
internal import GatewayRuntime
internal import LinuxKernel
internal import Policy
internal import WireFormats

/// Counts allocations of the hot paths and holds them to their promises: counts do not depend on the machine's mood.
///
///     make test-counts
///
/// Prints a line for each path and one closing line; exits with 1 when a promise is broken.
@main
enum Allocations {
    private static let rounds = 10_000
    private static let agent = AgentID(number: 1)

    static func main() throws {
        let text = "version: 1\nallow:\n  - host: a.example\n  - host: \"*.b.example\"\n"
        let policy = try PolicyLoader.load(text: text, source: "policy") { name, _ in
            throw BrokenPromise(what: "nothing is extended, not \(name)")
        }.compiled()
        let name = try HostName("a.example")
        let address = IPAddress(v4: 0x5db8_d822)
        var pins = PinTable()
        let now = Timestamp(nanoseconds: 1)
        _ = pins.pin([address], to: name, for: agent, timeToLive: 60, at: now)
        var plane = PacketPlane(agent: agent, policy: policy)
        let packet = syn(to: address)
        // As in the packet loop: one buffer that keeps its capacity.
        var answers: [UInt8] = []
        let synCount = count {
            guard case .pass(.intercepted, nil) = plane.packet(
                packet.span, queuedAs: 1, pins: pins, identifier: 1, at: now, answers: &answers)
            else { return false }
            return true
        }
        let dnsCount = answeredAgain(query(for: "a.example", .a), [93, 184, 216, 34], &plane, &pins, at: now)
        let address6 = [0x20, 1] + [UInt8](repeating: 7, count: 14)
        let dns6Count = answeredAgain(
            query(for: "long-enough-for-the-heap.b.example", .aaaa), address6, &plane, &pins, at: now)
        let refusedCount = repeatedly(query(for: "telemetry.refused.example", .a), &plane, pins, at: now) {
            if case .answer(let decision) = $0 { decision.action == .deny } else { false }
        }
        let (allowed, refused) = try decisions(policy)
        let mixed = Array(repeatElement([allowed, refused], count: 16).joined())
        let log = try DecisionLog.open(path: "/dev/null", isQuiet: false)
        let guarded = FloodGuardedLog(log)
        let recordCount = count { (try? log.record(mixed)) != nil }
        let guardedCount = count { (try? guarded.record(mixed)) != nil }
        var forwarding = PacketPlane(agent: agent, policy: policy, forwards: true)
        let forwardingCount = count {
            guard case .pass(.intercepted, nil) = forwarding.packet(
                packet.span, queuedAs: 1, pins: pins, identifier: 1, at: now, answers: &answers)
            else { return false }
            return true
        }
        let method = Array("GET".utf8)
        let path = Array("/index.html".utf8)
        let requestCount = count {
            policy.requestVerdict(host: name, port: 443, method: method.span, path: path.span).isAllowed
        }
        let head = Array("GET /index.html HTTP/1.1\r\nHost: a.example\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n".utf8)
        let headCount = count {
            guard let result = try? HTTP1RequestHead.parse(head.span), case .head = result else { return false }
            return true
        }
        var failures = 0
        let promises: [(String, Double?, Double)] = [
            ("verdict on a SYN to a pinned address", synCount, 0.0),
            ("the same where flows are forwarded", forwardingCount, 0), ("verdict on an allowed request", requestCount, 0),
            ("reading a request's head", headCount, 2), ("answering a DNS question again", dnsCount, 0),
            ("the same with an address of IPv6", dns6Count, 0), ("refusing a name again", refusedCount, 0), ("recording a batch of 32", recordCount, 0),
            // Now and then a line tells how many were left out.
            ("the same past the log's budget", guardedCount, 1),
        ]
        for (what, measured, promised) in promises {
            let isKept = measured.map { $0 <= promised } ?? false
            if !isKept { failures += 1 }
            let figure = measured.map { "\($0)" } ?? "went wrong"
            try LineOutput.standardOutput.write("\(isKept ? "ok  " : "FAIL") \(what): \(figure) allocations, at most \(promised)\n")
        }
        try LineOutput.standardOutput.write("\(promises.count - failures) passed, \(failures) failed\n")
        if failures > 0 { throw BrokenPromise(what: "\(failures) of the counts") }
    }

    /// Allocations a call, or `nil` when a call did not do what it should.
    private static func count(_ body: () -> Bool) -> Double? {
        for _ in 0..<100 where !body() { return nil }
        let before = allocation_count()
        for _ in 0..<rounds where !body() { return nil }
        return Double(allocation_count() - before) / Double(rounds)
    }

    /// A question that the resolver has answered once, from packet to packet.
    ///
    /// - Parameter address: in network order.
    private static func answeredAgain(
        _ question: [UInt8], _ address: [UInt8], _ plane: inout PacketPlane, _ pins: inout PinTable, at now: Timestamp
    ) -> Double? {
        var answers: [UInt8] = []
        guard case .ask(let asked) = plane.packet(
            question.span, queuedAs: 1, pins: pins, identifier: 7, at: now, answers: &answers)
        else { return nil }
        var answer = asked.message
        // One answer instead of the additional record: the question's name, its type, IN, a minute, the address.
        answer[2] = 0x81
        answer[3] = 0x80
        answer[7] = 1
        answer[11] = 0
        answer.removeLast(11)
        let type = answer[answer.count - 3]
        answer += [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, UInt8(address.count)] + address
        guard case .answer = plane.resolverAnswered(
            answer.span, token: asked.token, pins: &pins, at: now, answers: &answers)
        else { return nil }
        return repeatedly(question, &plane, pins, at: now) {
            if case .answer(let decision) = $0 { decision.action == .allow } else { false }
        }
    }

    /// An allowed and a refused question, as they are logged.
    private static func decisions(_ policy: CompiledPolicy) throws -> (allowed: Decision, refused: Decision) {
        guard let origin = policy.nameVerdict(try HostName("a.example")).origin,
            let denial = policy.nameVerdict(try HostName("telemetry.refused.example")).denial
        else { throw BrokenPromise(what: "the policy's verdicts") }
        let allowed = Decision(
            stage: .dns, action: .allow, agent: agent, subject: "a.example A", detail: "from the cache", origin: origin)
        return (allowed, Decision(stage: .dns, agent: agent, denial: denial))
    }

    /// Allocations of a packet whose outcome is as expected each time.
    private static func repeatedly(
        _ packet: [UInt8], _ plane: inout PacketPlane, _ pins: PinTable, at now: Timestamp,
        _ isExpected: (PacketOutcome) -> Bool
    ) -> Double? {
        var answers: [UInt8] = []
        // A struct that cannot be copied cannot be captured and changed either.
        func once(_ plane: inout PacketPlane) -> Bool {
            answers.removeAll(keepingCapacity: true)
            return isExpected(plane.packet(packet.span, queuedAs: 1, pins: pins, identifier: 8, at: now, answers: &answers))
                && !answers.isEmpty
        }
        for _ in 0..<100 where !once(&plane) { return nil }
        let before = allocation_count()
        for _ in 0..<rounds where !once(&plane) { return nil }
        return Double(allocation_count() - before) / Double(rounds)
    }

    private static func query(for name: String, _ type: DNSRecordType) -> [UInt8] {
        var message: [UInt8] = [0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
        for label in name.split(separator: ".") { message += [UInt8(label.utf8.count)] + Array(label.utf8) }
        message += [0, 0, UInt8(type.rawValue), 0, 1, 0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]
        return UDPDatagram.packet(
            from: IPAddress(v4: 0xc000_0002), port: 40_000, to: IPAddress(v4: 0xc000_0001), port: 53, payload: message) ?? []
    }

    private static func syn(to address: IPAddress) -> [UInt8] {
        var packet: [UInt8] = [0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0, 192, 0, 0, 2]
        address.append(to: &packet)
        return packet + [0x30, 0x39, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0]
    }
}

/// Ends the program with a failure.
struct BrokenPromise: Error {
    var what: String
}
