import Foundation
import Testing
import WireFormats

/// Measures the parser against a public set of requests, which stays outside of the repository: set
/// `PORTCULLIS_CORPORA` to the folder that holds `http11-requests.json`.
@Suite("HTTP/1 corpus", .enabled(if: ProcessInfo.processInfo.environment["PORTCULLIS_CORPORA"] != nil))
struct HTTP1CorpusTests {
    struct Row: Decodable {
        let id: String
        let expected: String
        let raw: String
        let trunc: Bool?
    }

    enum Outcome: Equatable {
        case accepted
        case refused(HTTP1Violation)
        case waiting
    }

    @Test func nothingThatMustBeRefusedIsAcceptedAndTheOtherWayRound() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["PORTCULLIS_CORPORA"])
        let data = try Data(contentsOf: URL(filePath: folder).appending(path: "http11-requests.json"))
        let rows = try JSONDecoder().decode([Row].self, from: data)
        #expect(rows.count > 0)
        var counts: [String: Int] = [:]
        for row in rows {
            // The set has lost the two bytes that this request is about: `?` stands for each, which is a plain query.
            let raw = row.id == "MAL-NON-ASCII-URL" ? row.raw.replacing("??", with: "\u{c3}\u{a9}") : row.raw
            let outcome = outcome(of: raw)
            let mayPass = ["2xx", "200", "204", "101", "IMF"].contains { row.expected.contains($0) }
            let mayFail =
                ["400", "417", "426", "501", "505"].contains { row.expected.contains($0) } || row.expected.hasPrefix("Reject")
            let kind = mayPass && mayFail ? "either" : mayPass ? "pass" : "refuse"
            counts["\(kind): \(outcome == .accepted ? "accepted" : outcome == .waiting ? "waiting" : "refused")", default: 0] += 1
            switch (kind, outcome) {
            case ("pass", .refused), ("pass", .waiting): Issue.record("\(row.id) must pass: \(outcome)")
            case ("refuse", .accepted): Issue.record("\(row.id) must not pass")
            case ("either", .accepted): print("either, accepted: \(row.id)")
            case ("refuse", .waiting): print("must not pass, incomplete: \(row.id)")
            default: break
            }
        }
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(kind) \(count)") }
    }

    /// The request and its content.
    private func outcome(of raw: String) -> Outcome {
        let bytes = HTTP1Feed.bytes(raw)
        do {
            guard case .head(let head, let consumed) = try HTTP1RequestHead.parse(bytes.span) else { return .waiting }
            let rest = Array(bytes[consumed...])
            switch head.framing {
            case .none, .untilClose: return .accepted
            case .length(let length): return rest.count >= length ? .accepted : .waiting
            case .chunked:
                var decoder = HTTP1ChunkedDecoder()
                var payload: [UInt8] = []
                guard case (_, .finished) = try decoder.decode(rest.span, into: &payload) else { return .waiting }
                return .accepted
            }
        } catch {
            return .refused(error)
        }
    }
}
