internal import LinuxKernel
internal import WireFormats

/// Asks a running gateway over its control socket.
enum ControlClient {
    struct Answer: Sendable {
        var status: Int
        var body: String
    }

    /// Bytes of an answer that are read; a gateway's own are shorter.
    private static let answerBytes = 16 << 20

    /// How long each step may take, in milliseconds: an order waits until it is carried out.
    private static let patience = 5000

    static func get(
        _ target: String, socket: String = ControlServer.path, milliseconds: Int = Self.patience
    ) throws -> Answer {
        try ask("GET \(target) HTTP/1.1\r\nHost: portcullis\r\n\r\n", socket, milliseconds)
    }

    static func post(_ target: String, _ body: String, socket: String = ControlServer.path) throws -> Answer {
        try ask("POST \(target) HTTP/1.1\r\nHost: portcullis\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)", socket, patience)
    }

    private static func ask(_ request: String, _ socket: String, _ milliseconds: Int) throws -> Answer {
        let bytes = try ControlSocket.ask(socket, Array(request.utf8), limit: answerBytes, milliseconds: milliseconds)
        let text = String(decoding: bytes, as: UTF8.self)
        let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
        guard words.count > 1, let status = Int(words[1]), let end = text.firstRange(of: "\r\n\r\n") else {
            throw SealFailure("the gateway's answer is none")
        }
        return Answer(status: status, body: String(text[end.upperBound...].dropLast(while: \.isNewline)))
    }
}

extension Substring {
    fileprivate func dropLast(while isDropped: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return rest
    }
}
