import LinuxKernel
import Testing

@testable import GatewayRuntime

@Suite("Names from the proxy to the packets thread")
struct NameMailboxTests {
    private func query(_ number: Int) -> NameMailbox.Query {
        NameMailbox.Query(message: [UInt8(truncatingIfNeeded: number)], answer: { _ in })
    }

    private func isRinging(_ box: NameMailbox) throws -> Bool {
        var poll = EventPoll()
        poll.watch(box.pollDescriptor)
        try poll.wait(milliseconds: 0)
        return poll.isReady(at: 0)
    }

    @Test func ringsWhileSomethingWaits() throws {
        let box = try NameMailbox()
        #expect(try !isRinging(box))
        for number in 0..<3 { #expect(box.post(query(number))) }
        #expect(try isRinging(box))
        #expect(box.takeAll().map(\.message) == [[0], [1], [2]])
        #expect(try !isRinging(box))
        #expect(box.takeAll().isEmpty)
        #expect(box.post(query(3)))
        #expect(try isRinging(box))
    }

    @Test func aFullBoxTakesNothing() throws {
        let box = try NameMailbox()
        for number in 0..<Limits.waitingNameQueries { #expect(box.post(query(number))) }
        #expect(!box.post(query(0)))
        #expect(box.takeAll().count == Limits.waitingNameQueries)
        #expect(box.post(query(0)))
    }
}
