import Testing
import WireFormats

@testable import TLSInterception

@Suite("TLS sessions")
struct SessionTests {
    let world = TestWorld()

    private func pair(step: Int = .max, agent: String = "claude") throws -> Pair {
        let client = try world.client(ClientContext(verifier: world.verifier), agent: agent)
        let server = try ServerContext().session(presenting: world.minted(), agent: agent, at: TestCertificate.now)
        return Pair(client: client, server: server, step: step)
    }

    @Test(arguments: [1, 7, 1460, Int.max])
    func completesTheHandshakeWhateverThePieces(step: Int) throws {
        let pair = try pair(step: step)
        let progress = pair.handshake()
        guard case .complete(let client) = progress.client, case .complete(let server) = progress.server else {
            Issue.record("\(progress)")
            return
        }
        #expect(client == server)
        #expect(client.version == 0x0304)
        #expect(client.applicationProtocol == "http/1.1")
        #expect(!client.isResumed)
    }

    @Test(arguments: [1, 1000, Int.max])
    func carriesAMegabyteBothWays(step: Int) throws {
        let pair = try pair(step: step)
        _ = pair.handshake()
        let count = step == 1 ? 40_000 : 1 << 20
        let question = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let answer = Array(question.reversed())
        #expect(pair.client.write(question.span) == .accepted(count))
        pair.exchange()
        #expect(pair.server.readAll().bytes == question)
        #expect(pair.server.write(answer.span) == .accepted(count))
        pair.exchange()
        let read = pair.client.readAll()
        #expect(read.bytes == answer)
        #expect(read.end == .wantsMore)
        #expect(pair.client.waitingInputByteCount == 0)
        #expect(pair.server.outputByteCount == 0)
    }

    @Test func readsFromLentCiphertextWithoutKeepingIt() throws {
        let pair = try pair()
        _ = pair.handshake()
        let message = [UInt8](repeating: 7, count: 40_000)
        _ = pair.client.write(message.span)
        var read: [UInt8] = []
        pair.client.drainOutput { ciphertext in
            pair.server.withCiphertext(ciphertext) { read = pair.server.readAll().bytes }
        }
        #expect(read == message)
        #expect(pair.server.waitingInputByteCount == 0)
    }

    @Test func keepsWhatTheReaderLeaves() throws {
        let pair = try pair()
        _ = pair.handshake()
        let message = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        _ = pair.client.write(message.span)
        var read: [UInt8] = []
        pair.client.drainOutput { ciphertext in
            pair.server.withCiphertext(ciphertext) { _ = pair.server.read(appendingTo: &read, limit: 10) }
        }
        #expect(read == Array(message.prefix(10)))
        #expect(pair.server.waitingInputByteCount > 80_000)
        #expect(read + pair.server.readAll(limit: 1000).bytes == message)
    }

    @Test func writesIntoTheCallersMemoryAndKeepsTheRest() throws {
        let pair = try pair()
        _ = pair.handshake()
        let message = [UInt8](repeating: 9, count: 3000)
        var room = [UInt8](repeating: 0, count: 1000)
        let (outcome, count) = unsafe room.withUnsafeMutableBytes { buffer in
            unsafe pair.client.withOutput(into: buffer) { pair.client.write(message.span) }
        }
        #expect(outcome == .accepted(3000))
        #expect(count == 1000)
        #expect(pair.client.outputByteCount > 2000)
        pair.server.receive(room.span)
        pair.exchange()
        #expect(pair.server.readAll().bytes == message)
    }

    @Test func tellsCloseNotifyFromTruncation() throws {
        let orderly = try pair()
        _ = orderly.handshake()
        _ = orderly.client.write([1, 2, 3].span)
        orderly.client.shutdown()
        orderly.exchange()
        orderly.server.receiveEndOfInput()
        #expect(orderly.server.readAll() == ([1, 2, 3], .closed))
        #expect(orderly.client.write([4].span) == .accepted(0))
        // The other direction stays open until it is closed as well.
        #expect(orderly.server.write([5].span) == .accepted(1))
        orderly.exchange()
        #expect(orderly.client.readAll().bytes == [5])

        let cut = try pair()
        _ = cut.handshake()
        _ = cut.client.write([1, 2, 3].span)
        cut.exchange()
        cut.server.receiveEndOfInput()
        #expect(cut.server.readAll() == ([1, 2, 3], .failed(.truncated)))
        #expect(cut.server.write([1].span) == .failed(.truncated))
    }

    @Test func failsTheHandshakeOnEndOfInput() throws {
        let pair = try pair()
        #expect(pair.client.handshake() == .wantsIO)
        pair.client.receiveEndOfInput()
        #expect(pair.client.handshake() == .failed(.truncated))
    }

    @Test func refusesAChangedRecord() throws {
        let pair = try pair()
        _ = pair.handshake()
        _ = pair.client.write([1, 2, 3].span)
        var record: [UInt8] = []
        pair.client.drainOutput { output in for index in output.indices { record.append(output[index]) } }
        record[record.count - 1] ^= 1
        pair.server.receive(record.span)
        guard case .failed(.protocolViolation(let reason)) = pair.server.readAll().end else {
            Issue.record("accepted")
            return
        }
        #expect(reason == "decryption failed or bad record mac")
        pair.exchange()
        #expect(pair.client.readAll().end == .failed(.peerAlert(20)))
    }

    @Test func refusesPlainHTTP() throws {
        let server = try ServerContext().session(presenting: world.minted(), agent: "a", at: TestCertificate.now)
        server.receive(Array("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n".utf8).span)
        guard case .failed(.protocolViolation(let reason)) = server.handshake() else {
            Issue.record("accepted")
            return
        }
        #expect(reason == "http request")
    }

    @Test func takesNothingBeforeTheHandshake() throws {
        let pair = try pair()
        #expect(pair.client.write([1].span) == .accepted(0))
        #expect(pair.client.readAll() == ([], .wantsMore))
    }
}
