internal import Policy
internal import WireFormats

/// The answer an agent gets instead of an origin's: a whole HTTP/1.1 response that explains itself (RFC 9457).
enum DenialResponse {
    /// Appends the response to `output`.
    ///
    /// - Parameters:
    ///   - status: overrides the reason's own.
    ///   - keepAlive: whether the connection goes on.
    ///   - headOnly: for HEAD, which has no body (RFC 9110 section 9.3.2).
    static func append(
        _ denial: Denial, detail: String?, status: Int? = nil, keepAlive: Bool, headOnly: Bool, to output: inout [UInt8]
    ) {
        let status = status ?? denial.reason.httpStatus
        let body = Array(document(denial, detail: detail, status: status).utf8)
        output += "HTTP/1.1 \(status) \(phrase(status))\r\n".utf8
        output += "content-type: application/problem+json\r\ncontent-length: \(body.count)\r\n".utf8
        output += "cache-control: no-store\r\nportcullis-reason: \(denial.reason.rawValue)\r\n".utf8
        output += keepAlive ? "\r\n".utf8 : "connection: close\r\n\r\n".utf8
        if !headOnly { output += body }
    }

    private static func document(_ denial: Denial, detail: String?, status: Int) -> String {
        var json = JSONText()
        json.beginObject()
        json.member("type", "urn:portcullis:reason:\(denial.reason.rawValue)")
        json.member("title", denial.reason.title)
        json.member("status", status)
        let sentence = denial.sentence
        json.member("detail", detail.map { "\(sentence) \($0)" } ?? sentence)
        json.member("reason", denial.reason.rawValue)
        json.member("subject", denial.subject)
        if let origin = denial.origin { json.member("decided_by", origin.description) }
        if let remedy = denial.remedy { json.member("allow_with", remedy.text) }
        json.member("hint", denial.hint)
        json.endObject()
        return json.text + "\n"
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Refused"
        }
    }
}
