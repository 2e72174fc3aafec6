internal import NIOCore
internal import TLSInterception

/// One side's bytes: through a TLS session or as they are.
enum Transport {
    case plain
    case tls(TLSSession)

    /// Writes plaintext to the channel, sealed where there is a session, behind what the session has ready.
    ///
    /// - Parameters:
    ///   - memory: of the loop's; taken, and given back for the next write.
    ///   - flushes: false when more follows at once, and one system call can send both.
    /// - Returns: false when the session has failed.
    func send(
        _ plaintext: Span<UInt8>, on channel: any Channel, memory: SendMemory, flushes: Bool = true
    ) -> Bool {
        switch self {
        case .plain:
            var buffer = memory.take(capacity: plaintext.count)
            // SAFETY: the bytes are copied while the span is alive.
            unsafe plaintext.withUnsafeBytes { unsafe _ = buffer.writeBytes($0) }
            Self.write(buffer, on: channel, flushes: flushes)
            memory.giveBack(buffer)
            return true
        case .tls(let session):
            // Records are sealed straight into the buffer that is sent.
            let records = plaintext.count / 16_384 + 1
            let waiting = session.outputByteCount
            var buffer = memory.take(capacity: waiting + plaintext.count + records * Limits.recordOverheadBytes)
            session.drainOutput { output in
                // SAFETY: the bytes are copied while the span is alive.
                unsafe output.withUnsafeBytes { unsafe _ = buffer.writeBytes($0) }
            }
            var outcome = WriteOutcome.accepted(0)
            // SAFETY: the session writes no more than the buffer's capacity and says how much.
            unsafe _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { raw in
                let (result, count) = unsafe session.withOutput(into: raw) { session.write(plaintext) }
                outcome = result
                return count
            }
            // What did not fit is behind it.
            let isAll = session.outputByteCount == 0
            Self.write(buffer, on: channel, flushes: flushes && isAll)
            memory.giveBack(buffer)
            if !isAll { Self.flush(session, on: channel) }
            return outcome == .accepted(plaintext.count)
        }
    }

    private static func write(_ buffer: ByteBuffer, on channel: any Channel, flushes: Bool) {
        if flushes {
            channel.writeAndFlush(buffer, promise: nil)
        } else {
            channel.write(buffer, promise: nil)
        }
    }

    /// Sends what a session has ready: handshake messages, tickets, alerts.
    static func flush(_ session: TLSSession, on channel: any Channel) {
        session.drainOutput { output in
            var buffer = channel.allocator.buffer(capacity: output.count)
            // SAFETY: the bytes are copied while the span is alive.
            unsafe output.withUnsafeBytes { unsafe _ = buffer.writeBytes($0) }
            channel.writeAndFlush(buffer, promise: nil)
        }
    }
}
