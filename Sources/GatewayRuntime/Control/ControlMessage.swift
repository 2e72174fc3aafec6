internal import LinuxKernel
internal import WireFormats

/// Requests and answers of the gateway's Unix sockets: HTTP/1.1, one request a connection.
enum ControlMessage {
    /// Reads one request, and sends what `answer` says, or why there is none.
    ///
    /// - Parameters:
    ///   - limit: bytes of the request.
    ///   - patience: nanoseconds that all of it may take to come; `nil` where each step's own limit will do.
    ///   - incomplete: what is said when no whole request has come.
    static func serve(
        _ connection: borrowing ControlSocket.Connection, limit: Int, patience: UInt64? = nil, incomplete: String,
        answer: (HTTP1RequestHead, ArraySlice<UInt8>) throws(ControlOrder.Refusal) -> String
    ) {
        let start = MonotonicClock.nanoseconds
        var bytes: [UInt8] = []
        do throws(ControlOrder.Refusal) {
            while true {
                if let (head, body) = try request(in: bytes, limit: limit) {
                    return connection.send(response(200, try answer(head, body)))
                }
                let more = connection.receive(limit: limit)
                guard !more.isEmpty, bytes.count + more.count <= limit,
                    patience.map({ MonotonicClock.nanoseconds - start < $0 }) ?? true
                else { throw ControlOrder.Refusal(status: 400, words: incomplete) }
                bytes += more
            }
        } catch {
            connection.send(response(error.status, json { $0.member("error", error.words) }))
        }
    }

    /// - Returns: `nil` while more has to come.
    ///
    /// - Parameter limit: bytes of its content.
    private static func request(
        in bytes: [UInt8], limit: Int
    ) throws(ControlOrder.Refusal) -> (head: HTTP1RequestHead, body: ArraySlice<UInt8>)? {
        do {
            guard case .head(let head, let consumed) = try HTTP1RequestHead.parse(bytes.span) else { return nil }
            switch head.framing {
            case .none: return (head, [])
            case .length(let length):
                guard length <= UInt64(limit) else { throw ControlOrder.Refusal(status: 413, words: "too long") }
                let end = consumed + Int(length)
                return bytes.count >= end ? (head, bytes[consumed..<end]) : nil
            case .chunked, .untilClose: throw ControlOrder.Refusal(status: 411, words: "say how long the content is")
            }
        } catch let error as ControlOrder.Refusal {
            throw error
        } catch {
            throw ControlOrder.Refusal(status: 400, words: "\(error)")
        }
    }

    static func json(_ body: (inout JSONText) -> Void) -> String {
        var json = JSONText()
        json.beginObject()
        body(&json)
        json.endObject()
        return json.text + "\n"
    }

    private static func response(_ status: Int, _ body: String) -> [UInt8] {
        let words = [
            200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
            411: "Length Required", 413: "Content Too Large", 504: "Gateway Timeout",
        ]
        return Array(
            """
            HTTP/1.1 \(status) \(words[status] ?? "Error")\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            Connection: close\r
            \r
            \(body)
            """.utf8)
    }
}
