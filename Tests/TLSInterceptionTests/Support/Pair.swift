@testable import TLSInterception

/// Two sessions that talk to each other in memory.
struct Pair {
    let client: TLSSession
    let server: TLSSession
    /// Bytes that cross at a time; `Int.max` for all there are.
    var step = Int.max

    /// Moves what both have to say, until both are silent.
    func exchange() {
        var isSilent = false
        while !isSilent {
            isSilent = true
            for (from, to) in [(client, server), (server, client)] {
                var bytes: [UInt8] = []
                from.drainOutput { output in for index in output.indices { bytes.append(output[index]) } }
                guard !bytes.isEmpty else { continue }
                isSilent = false
                var start = 0
                while start < bytes.count {
                    let end = step == .max ? bytes.count : min(start + step, bytes.count)
                    let piece = Array(bytes[start..<end])
                    to.receive(piece.span)
                    _ = to.handshake()
                    start = end
                }
            }
        }
    }

    /// Runs the handshake to its end on both sides.
    func handshake() -> (client: HandshakeProgress, server: HandshakeProgress) {
        _ = client.handshake()
        exchange()
        return (client.handshake(), server.handshake())
    }
}

extension TLSSession {
    /// Everything there is to read, and what came after it.
    func readAll(limit: Int = 32 * 1024) -> (bytes: [UInt8], end: ReadOutcome) {
        var bytes: [UInt8] = []
        while true {
            let outcome = read(appendingTo: &bytes, limit: limit)
            guard case .bytes = outcome else { return (bytes, outcome) }
        }
    }
}
