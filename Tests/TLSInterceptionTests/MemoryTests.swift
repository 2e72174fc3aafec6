import COpenSSLTesting
import Testing

@testable import TLSInterception

/// Each test runs in a process of its own, where nothing else allocates.
@Suite("Memory of sessions")
struct MemoryTests {
    /// Two of our sessions that have shaken hands and moved data in both directions.
    private static func connect(_ world: TestWorld, _ agents: ClientContext, _ gateway: ServerContext, _ leaf: MintedLeaf) throws -> Pair {
        let pair = Pair(
            client: try world.client(agents), server: try gateway.session(presenting: leaf, agent: "a", at: TestCertificate.now))
        _ = pair.handshake()
        let message = [UInt8](repeating: 7, count: 20_000)
        _ = pair.client.write(message.span)
        _ = pair.server.write(message.span)
        pair.exchange()
        precondition(pair.server.readAll().bytes == message && pair.client.readAll().bytes == message)
        return pair
    }

    /// The gateway holds one session as server and one as client for each connection.
    @Test func aPairOfIdleSessionsIsSmall() async {
        await #expect(processExitsWith: .success) {
            let world = TestWorld()
            let agents = try ClientContext(verifier: world.verifier)
            let gateway = try ServerContext()
            let leaf = try world.minted()
            var pairs = [try MemoryTests.connect(world, agents, gateway, leaf)]
            pairs.reserveCapacity(200)
            let before = pctest_bytes_in_use()
            for _ in 0..<100 { pairs.append(try MemoryTests.connect(world, agents, gateway, leaf)) }
            let each = (pctest_bytes_in_use() - before) / 100
            // 35,000 with OpenSSL 3.0.22, of which the two SSL objects alone take 15,300 and the peer's certificate 5,000.
            precondition(each <= 36 * 1024, "\(each) bytes")
            withExtendedLifetime(pairs) {}
        }
    }

    /// Records that fill memory of the caller's cost a fixed number of allocations: OpenSSL's record buffers, taken and given back.
    @Test func readsAndWritesAllocateLittle() async {
        await #expect(processExitsWith: .success) {
            precondition(pctest_count_allocations())
            let world = TestWorld()
            let pair = try MemoryTests.connect(
                world, ClientContext(verifier: world.verifier), ServerContext(), world.minted())
            let message = [UInt8](repeating: 7, count: 8192)
            var ciphertext = [UInt8](repeating: 0, count: 20_000)
            var plaintext = [UInt8](repeating: 0, count: 20_000)
            let before = pctest_allocation_calls()
            for _ in 0..<1000 {
                let (outcome, count) = unsafe ciphertext.withUnsafeMutableBytes { buffer in
                    unsafe pair.client.withOutput(into: buffer) { pair.client.write(message.span) }
                }
                precondition(outcome == .accepted(8192))
                let read = unsafe plaintext.withUnsafeMutableBytes { buffer in
                    pair.server.withCiphertext(ciphertext.span.extracting(first: count)) { unsafe pair.server.read(into: buffer) }
                }
                precondition(read == .bytes(8192))
            }
            let each = Double(pctest_allocation_calls() - before) / 1000
            precondition(each <= 6, "\(each) allocations")
        }
    }
}
