internal import CAllocationCounter
internal import GatewayCore
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
        let synCount = count {
            guard case .pass(.intercepted, nil) = plane.packet(packet.span, queuedAs: 1, pins: pins, identifier: 1, at: now) else {
                return false
            }
            return true
        }
        var forwarding = PacketPlane(agent: agent, policy: policy, forwards: true)
        let forwardingCount = count {
            guard case .pass(.intercepted, nil) = forwarding.packet(
                packet.span, queuedAs: 1, pins: pins, identifier: 1, at: now)
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
        for (what, measured, promised) in [
            ("verdict on a SYN to a pinned address", synCount, 0.0),
            ("the same where flows are forwarded", forwardingCount, 0), ("verdict on an allowed request", requestCount, 0),
            ("reading a request's head", headCount, 2),
        ] {
            let isKept = measured.map { $0 <= promised } ?? false
            if !isKept { failures += 1 }
            let figure = measured.map { "\($0)" } ?? "went wrong"
            try LineOutput.standardOutput.write("\(isKept ? "ok  " : "FAIL") \(what): \(figure) allocations, at most \(promised)\n")
        }
        try LineOutput.standardOutput.write("\(4 - failures) passed, \(failures) failed\n")
        if failures > 0 { throw BrokenPromise(what: "\(failures) of the counts") }
    }

    /// Allocations a call, or `nil` when a call did not do what it should.
    private static func count(_ body: () -> Bool) -> Double? {
        for _ in 0..<100 where !body() { return nil }
        let before = allocation_count()
        for _ in 0..<rounds where !body() { return nil }
        return Double(allocation_count() - before) / Double(rounds)
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
