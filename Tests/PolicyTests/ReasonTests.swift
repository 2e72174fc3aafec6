import Foundation
import Policy
import Testing

@Suite("Reasons")
struct ReasonTests {
    @Test(arguments: Reason.allCases)
    func codesAreStableIdentifiers(reason: Reason) {
        let parts = reason.rawValue.split(separator: ".")
        #expect(parts.count == 2)
        #expect(reason.rawValue.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x2e || $0 == 0x5f })
    }

    @Test(arguments: Reason.allCases)
    func everyOneExplainsItself(reason: Reason) {
        let explanation = reason.explanation
        #expect(explanation.sentence.hasSuffix("."))
        #expect(explanation.remedyHint.hasSuffix("."))
        #expect(!explanation.title.hasSuffix("."))
        #expect((400...504).contains(explanation.httpStatus))
        #expect(reason.group != "dns" || reason == .dnsMalformed || explanation.ednsErrorCode != nil)
    }

    @Test(arguments: [
        (.dnsNameNotAllowed, 403, 15), (.policyMissing, 403, 15), (.dnsNameDenied, 403, 15), (.dnsUpstreamFailed, 502, 22),
        (.tlsUpstreamUntrusted, 502, nil), (.upstreamTimeout, 504, nil), (.upstreamClosed, 502, nil), (.httpMalformed, 400, nil),
        (.httpHeadTooLarge, 431, nil), (.limitConnections, 503, nil), (.httpMethodNotAllowed, 403, nil), (.httpHostMismatch, 400, nil),
        (.killSealed, 503, 15),
    ] as [(Reason, Int, UInt16?)])
    func statusesAndDNSErrors(reason: Reason, status: Int, ednsErrorCode: UInt16?) {
        #expect(reason.httpStatus == status)
        #expect(reason.ednsErrorCode == ednsErrorCode)
    }

    /// Waiving one of these would turn observing into an open door.
    @Test(arguments: [
        .policyMissing, .ipPrivate, .dnsAnswerPrivate, .httpMalformed, .tlsMalformedHello, .ipMalformed, .dnsMalformed,
        .tlsSNIMismatch, .httpHostMismatch, .tlsUpstreamUntrusted, .limitConnections, .recorderFailed,
        .killSealed,
    ] as [Reason])
    func observeNeverWaives(reason: Reason) {
        #expect(!reason.isWaivedByObserve)
    }

    @Test(arguments: [.dnsNameNotAllowed, .ipNotResolved, .httpMethodNotAllowed, .httpPathNotAllowed, .tlsSNINotAllowed] as [Reason])
    func observeWaivesThePolicysDecisions(reason: Reason) {
        #expect(reason.isWaivedByObserve)
    }

    /// Evidence of a way out or around. What is added here can cut an agent off; what is left out lets it go on.
    private static let critical: Set<Reason> = [
        .dnsTunnelSuspected, .dnsBudgetExceeded, .dnsEncrypted, .tlsSNIMismatch, .tlsHelloChanged, .httpHostMismatch,
        .httpMalformed, .httpPathAmbiguous, .ipMalformed, .dnsMalformed,
    ]

    @Test(arguments: Reason.allCases)
    func onlyEvidenceIsCritical(reason: Reason) {
        #expect((reason.severity == .critical) == Self.critical.contains(reason))
    }

    /// Agents run into these all day: an ordinary name or host that is not allowed must never add up to a seal.
    @Test(arguments: [
        .dnsNameNotAllowed, .httpHostNotAllowed, .tlsSNINotAllowed, .httpMethodNotAllowed, .httpPathNotAllowed, .ipPortNotAllowed,
        .ipProtocolNotAllowed, .killSealed,
    ] as [Reason])
    func whatAgentsTryAllTheTimeIsNoFinding(reason: Reason) {
        #expect(reason.severity == .info)
    }

    @Test(arguments: [.ipPrivate, .ipNotResolved, .dnsNameDenied, .tlsMalformedHello, .tlsUpstreamUntrusted, .recorderFailed] as [Reason])
    func someAreWorthALook(reason: Reason) {
        #expect(reason.severity == .notice)
    }

    @Test func theDocumentedListIsTheList() throws {
        let page = URL(filePath: #filePath).appending(path: "../../../Sources/Policy/Policy.docc/Reasons.md").standardized
        if ProcessInfo.processInfo.environment["PORTCULLIS_WRITE_DOCUMENTATION"] != nil {
            try Reason.documentation.write(to: page, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOf: page, encoding: .utf8) == Reason.documentation,
            "run the tests once with PORTCULLIS_WRITE_DOCUMENTATION=1")
    }
}
