internal import NIOCore
internal import TLSInterception

/// One side's bytes: through a TLS session or as they are.
enum Transport {
    case plain
    case tls(TLSSession)

    /// Writes plaintext to the channel, sealed where there is a session.
    ///
    /// - Returns: false when the session has failed.
    func send(_ plaintext: Span<UInt8>, on channel: any Channel) -> Bool {
        switch self {
        case .plain:
            var buffer = channel.allocator.buffer(capacity: plaintext.count)
            // SAFETY: the bytes are copied while the span is alive.
            unsafe plaintext.withUnsafeBytes { unsafe _ = buffer.writeBytes($0) }
            channel.writeAndFlush(buffer, promise: nil)
            return true
        case .tls(let session):
            guard session.outputByteCount == 0 else {
                let outcome = session.write(plaintext)
                Self.flush(session, on: channel)
                return outcome == .accepted(plaintext.count)
            }
            // Records are sealed straight into the buffer that is sent.
            let records = plaintext.count / 16_384 + 1
            var buffer = channel.allocator.buffer(capacity: plaintext.count + records * Limits.recordOverheadBytes)
            var outcome = WriteOutcome.accepted(0)
            // SAFETY: the session writes no more than the buffer's capacity and says how much.
            unsafe _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { raw in
                let (result, count) = unsafe session.withOutput(into: raw) { session.write(plaintext) }
                outcome = result
                return count
            }
            channel.writeAndFlush(buffer, promise: nil)
            Self.flush(session, on: channel)
            return outcome == .accepted(plaintext.count)
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
