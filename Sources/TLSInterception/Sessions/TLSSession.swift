internal import COpenSSL

/// One TLS connection as a machine without I/O: ciphertext and plaintext go in, plaintext and ciphertext come out.
///
/// ```
///            receive(_:)                        read(into:)
///   peer ───────────────▶ ┌──────────────────┐ ───────────▶ gateway
///                         │  handshake()     │
///   peer ◀─────────────── └──────────────────┘ ◀─────────── gateway
///            drainOutput(_:)                    write(_:)
///
///   handshaking ──complete──▶ established ──shutdown()──▶ close_notify sent
///        └────────failed────────┴──▶ failed (for good)
/// ```
///
/// After each call output may be waiting: an acknowledgement, a ticket, an alert. A session belongs to one event loop at a time and is
/// not Sendable. An idle session keeps no buffers: those for records exist while a record is incomplete, those for output until
/// it is drained.
@safe package final class TLSSession {
    private enum State {
        case handshaking
        case established(NegotiatedParameters)
        case failed(TLSFailure)
    }

    /// Owned: freed with this object.
    private let handle: OpaquePointer
    /// What the hooks of a client's handshake work with; the C side borrows it.
    private let upstream: UpstreamHandshake?
    private var state = State.handshaking
    private var hasShutDown = false

    /// Takes ownership of `handle`.
    @unsafe init(owning handle: OpaquePointer, upstream: UpstreamHandshake?) {
        unsafe self.handle = handle
        self.upstream = upstream
        if let upstream {
            // SAFETY: `upstream` lives as long as `self`, which frees the C side first.
            unsafe pctls_session_set_owner(handle, Unmanaged.passUnretained(upstream).toOpaque())
        }
    }

    deinit {
        // SAFETY: owned since `init`, used by nobody afterwards.
        unsafe pctls_session_free(handle)
    }

    // MARK: Ciphertext in

    /// Takes ciphertext from the peer; it is copied.
    package func receive(_ ciphertext: Span<UInt8>) {
        withCiphertext(ciphertext) {}
    }

    /// Lends ciphertext for as long as `body` runs, so that reads inside take it from where it is. What is left is copied.
    package func withCiphertext<Result>(_ ciphertext: Span<UInt8>, _ body: () throws -> Result) rethrows -> Result {
        try unsafe ciphertext.withUnsafeBufferPointer { buffer in
            // SAFETY: the C side forgets the pointer in `pctls_session_end_input`, before the buffer ends.
            unsafe pctls_session_lend_input(handle, buffer.baseAddress, buffer.count)
            defer {
                if unsafe !pctls_session_end_input(handle) { state = .failed(.outOfMemory) }
            }
            return try body()
        }
    }

    /// The transport has ended: no more ciphertext will come.
    package func receiveEndOfInput() {
        // SAFETY: `handle` is alive as long as `self`; so in all calls below.
        unsafe pctls_session_set_end_of_input(handle)
    }

    /// Bytes received and not yet looked at; a sign that ``read(into:)`` has to be called again, and of how far behind it is.
    package var waitingInputByteCount: Int { unsafe pctls_session_kept_input(handle) }

    // MARK: Handshake

    /// Takes the handshake as far as the received ciphertext allows. Calling it afterwards repeats the result.
    package func handshake() -> HandshakeProgress {
        switch state {
        case .established(let parameters): return .complete(parameters)
        case .failed(let failure): return .failed(failure)
        case .handshaking: break
        }
        switch unsafe pctls_session_handshake(handle) {
        case PCTLS_DONE:
            let parameters = unsafe NegotiatedParameters(of: pctls_session_ssl(handle))
            unsafe pctls_session_trim(handle)
            upstream?.handshakeCompleted()
            state = .established(parameters)
            return .complete(parameters)
        case PCTLS_WANTS_IO:
            return .wantsIO
        default:
            return .failed(fail())
        }
    }

    package var isEstablished: Bool {
        if case .established = state { true } else { false }
    }

    // MARK: Plaintext

    /// Opens records into `buffer` until it is full or the ciphertext is used up.
    ///
    /// - Parameter buffer: at least one byte; it need not be initialised.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        switch state {
        case .handshaking: return .wantsMore
        case .failed(let failure): return .failed(failure)
        case .established: break
        }
        guard let start = buffer.baseAddress, buffer.count > 0 else { return .wantsMore }
        var total = 0
        while total < buffer.count {
            var count = 0
            // SAFETY: `total` is below the buffer's count, and the C side writes no more than is left of it.
            let target = unsafe (start + total).assumingMemoryBound(to: UInt8.self)
            let status = unsafe pctls_session_read(handle, target, buffer.count - total, &count)
            if status == PCTLS_DONE {
                total += count
                continue
            }
            if status == PCTLS_FAILED { _ = fail() }
            if total > 0 { break }
            switch status {
            case PCTLS_WANTS_IO: return .wantsMore
            case PCTLS_CLOSED: return .closed
            default: return .failed(fail())
            }
        }
        return .bytes(total)
    }

    /// Appends at most `limit` bytes of plaintext to `bytes`.
    package func read(appendingTo bytes: inout [UInt8], limit: Int) -> ReadOutcome {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: limit))
        let outcome = unsafe bytes.withUnsafeMutableBytes { buffer in
            // SAFETY: the range is the one just appended.
            unsafe read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
        }
        let count = if case .bytes(let count) = outcome { count } else { 0 }
        bytes.removeLast(limit - count)
        return outcome
    }

    /// Seals plaintext into output, as many records as it takes.
    package func write(_ plaintext: Span<UInt8>) -> WriteOutcome {
        switch state {
        case .handshaking: return .accepted(0)
        case .failed(let failure): return .failed(failure)
        case .established: break
        }
        guard !hasShutDown, !plaintext.isEmpty else { return .accepted(0) }
        var count = 0
        let status = unsafe plaintext.withUnsafeBufferPointer { buffer in
            // SAFETY: the span is not empty, so it has an address, which holds for the call.
            unsafe pctls_session_write(handle, buffer.baseAddress!, buffer.count, &count)
        }
        return status == PCTLS_DONE ? .accepted(count) : .failed(fail())
    }

    /// Puts `close_notify` into the output. Reading goes on until the peer's arrives.
    package func shutdown() {
        guard case .established = state, !hasShutDown else { return }
        hasShutDown = true
        if unsafe pctls_session_shutdown(handle) == PCTLS_FAILED { _ = fail() }
    }

    // MARK: Ciphertext out

    /// Bytes that wait to be sent to the peer.
    package var outputByteCount: Int {
        var count = 0
        _ = unsafe pctls_session_output(handle, &count)
        return count
    }

    /// Hands over all waiting output and frees its memory; `send` is not called when there is none.
    package func drainOutput<Failure>(_ send: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
        var count = 0
        guard let start = unsafe pctls_session_output(handle, &count) else { return }
        // SAFETY: the C side keeps `count` bytes at `start` until they are consumed below.
        let output = unsafe UnsafeBufferPointer(start: start, count: count)
        try unsafe send(output.span)
        unsafe pctls_session_consume_output(handle, count)
    }

    /// Has output written to `buffer` while `body` runs; what does not fit waits for ``drainOutput(_:)``. Output that waited
    /// before stays in front, so call this when ``outputByteCount`` is 0.
    ///
    /// - Returns: how many bytes of `buffer` were used.
    package func withOutput<Result>(into buffer: UnsafeMutableRawBufferPointer, _ body: () -> Result) -> (Result, byteCount: Int) {
        // SAFETY: the C side forgets the pointer in `pctls_session_end_output`, while the caller's buffer still holds.
        let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe pctls_session_lend_output(handle, start, buffer.count)
        let result = body()
        return (result, unsafe pctls_session_end_output(handle))
    }

    /// Turns OpenSSL's error into the session's failure, which is final; the first one counts.
    private func fail() -> TLSFailure {
        if case .failed(let earlier) = state { return earlier }
        let error = pctls_take_error()
        let failure: TLSFailure
        if let refusal = upstream?.refusal {
            failure = .upstreamRefused(refusal)
        } else if let alert = UInt8(exactly: pctls_peer_alert(error)) {
            failure = .peerAlert(alert)
        } else {
            switch pctls_classify(error) {
            case PCTLS_FAILURE_PROTOCOL_VERSION: failure = .protocolVersion
            case PCTLS_FAILURE_NO_SHARED_PARAMETERS: failure = .noSharedParameters
            case PCTLS_FAILURE_TRUNCATED: failure = .truncated
            default:
                // SAFETY: OpenSSL's names of reasons are static strings.
                let name = unsafe pctls_reason_name(error).map { unsafe String(cString: $0) }
                failure = .protocolViolation(reason: name ?? "unknown")
            }
        }
        state = .failed(failure)
        return failure
    }
}
