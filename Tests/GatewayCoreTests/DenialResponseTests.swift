import Foundation
@testable import GatewayCore
import Policy
import Testing
import WireFormats

/// RFC 9457 and RFC 9112, read back by other parsers.
@Suite("Denial responses")
struct DenialResponseTests {
    private func write(
        _ denial: Denial, detail: String? = nil, status: Int? = nil, keepAlive: Bool = true, headOnly: Bool = false
    ) throws -> (head: HTTP1ResponseHead, body: [UInt8]) {
        var bytes: [UInt8] = []
        DenialResponse.append(denial, detail: detail, status: status, keepAlive: keepAlive, headOnly: headOnly, to: &bytes)
        guard case .head(let head, let consumed) = try HTTP1ResponseHead.parse(bytes.span, answeringHEAD: headOnly) else {
            throw HTTP1Violation.malformedStatusLine
        }
        return (head, Array(bytes[consumed...]))
    }

    private func document(_ body: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
    }

    @Test(arguments: Reason.allCases) func everyReasonMakesAWholeResponse(reason: Reason) throws {
        let denial = Denial(reason: reason, subject: "web.example.com")
        let (head, body) = try write(denial, detail: "because")
        #expect(head.status == reason.httpStatus && head.keepAlive)
        #expect(head.framing == .length(UInt64(body.count)))
        let document = try document(body)
        #expect(document["type"] as? String == "urn:portcullis:reason:\(reason.rawValue)")
        #expect(document["reason"] as? String == reason.rawValue)
        #expect(document["status"] as? Int == reason.httpStatus)
        #expect((document["detail"] as? String)?.hasSuffix(" because") ?? false)
        #expect(document["subject"] as? String == "web.example.com")
        // No phrase is a stopgap.
        #expect(String(decoding: head.bytes[head.reasonPhrase], as: UTF8.self) != "Refused", "\(head.status)")
    }

    @Test(arguments: [400, 403, 414, 417, 431, 501, 502, 503, 504]) func statusesOverrideTheReasons(status: Int) throws {
        let (head, body) = try write(Denial(reason: .httpMalformed, subject: "x"), status: status, keepAlive: false)
        #expect(head.status == status && !head.keepAlive)
        #expect(try document(body)["status"] as? Int == status)
    }

    @Test(arguments: HTTP1Violation.allCases) func everyViolationHasAPhraseForItsStatus(violation: HTTP1Violation) throws {
        let (head, _) = try write(Denial(reason: .httpMalformed, subject: "x"), status: violation.httpStatus)
        #expect(String(decoding: head.bytes[head.reasonPhrase], as: UTF8.self) != "Refused", "\(head.status)")
    }

    @Test func answersToHEADHaveNoContentButItsLength() throws {
        let denial = Denial(reason: .ipPrivate, subject: "x")
        let (head, body) = try write(denial, headOnly: true)
        #expect(body.isEmpty)
        #expect(head.contentLength == UInt64(try write(denial).body.count))
    }

    @Test(arguments: [
        "\"},{\"", "\\", "a\r\nSet-Cookie: x=1\r\n\r\n", "\u{0}\u{1}\u{7f}", "\u{2028}\u{202e}gnp.exe", "漢字🛂", "</script>",
        String(repeating: "\u{1f600}", count: 10_000),
    ])
    func hostileTextStaysInItsString(text: String) throws {
        let (head, body) = try write(Denial(reason: .httpMalformed, subject: text), detail: text)
        #expect(head.framing == .length(UInt64(body.count)))
        #expect(head.fields.count == 4)
        let document = try document(body)
        #expect(Set(document.keys) == ["type", "title", "status", "detail", "reason", "subject", "hint"])
        let subject = try #require(document["subject"] as? String)
        #expect(subject.utf8.count <= PolicyLimits.denialSubjectBytes + 3)
        #expect(!subject.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
        // Text of any length is cut, not refused.
        let detail = try #require(document["detail"] as? String)
        #expect(text.utf8.count < 10_000 ? detail.hasSuffix(text) : detail.utf8.count < text.utf8.count)
    }

    @Test func thePolicyLineAndTheRuleAreNamed() throws {
        let policy = try PolicyText.compile("allow:\n  - host: web.example.com\n    methods: [GET]\n")
        let verdict = policy.requestVerdict(host: try HostName("web.example.com"), port: 443, method: "POST", path: "/x")
        let (_, body) = try write(try #require(verdict.denial))
        let document = try document(body)
        #expect(document["allow_with"] as? String == "- { host: web.example.com, methods: [POST] }")
        #expect(document["decided_by"] as? String == "policy.yaml:3")
    }
}
