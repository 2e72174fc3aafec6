import LinuxKernel
import Testing

@Suite("Wake-ups")
struct WakeUpTests {
    @Test func aRingIsHeardUntilItIsCleared() throws {
        let bell = try WakeUp()
        var poll = EventPoll()
        poll.watch(bell.pollDescriptor)
        func isHeard() throws -> Bool {
            try poll.wait(milliseconds: 0)
            return poll.isReady(at: 0)
        }
        #expect(try !isHeard())
        bell.ring()
        bell.ring()
        let heard = (try isHeard(), try isHeard())
        #expect(heard == (true, true))
        bell.clear()
        #expect(try !isHeard())
        // Nothing to clear is nothing to wait for.
        bell.clear()
    }
}
