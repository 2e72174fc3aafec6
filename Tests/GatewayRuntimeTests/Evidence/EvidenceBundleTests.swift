import Foundation
@testable import GatewayRuntime
import LinuxKernel
import Testing
import TLSInterception
import WireFormats

/// What a bundle takes from others than the kernel: pins, seals, files. Agents with places are the lab's.
@Suite("Bundles")
struct EvidenceBundleTests {
    /// A folder of one test, taken away with it.
    private final class Place {
        let url = FileManager.default.temporaryDirectory.appending(path: "portcullis-\(UUID().uuidString)")

        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false) }

        deinit { try? FileManager.default.removeItem(at: url) }

        func path(_ name: String) -> String { url.appending(path: name).path() }

        func text(_ name: String) throws -> String { try String(contentsOf: url.appending(path: name), encoding: .utf8) }

        func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: url.appending(path: name)) }
    }

    private struct Silence: Error, CustomStringConvertible {
        let description = "it says nothing"
    }

    private static func subject(_ name: String, alive: Bool = true, log: String? = nil) -> EvidenceSubject {
        var subject = EvidenceSubject(name: name)
        subject.gateway = .init(process: 1, start: 1, isAlive: alive)
        subject.log = log
        subject.policy = PolicyOrigin(source: nil)
        return subject
    }

    private static func make(
        _ place: Place, _ subjects: [EvidenceSubject], seals: [String] = [], pins: @escaping (EvidenceSubject) throws -> String?
    ) throws -> (outcome: EvidenceOutcome, manifest: JSONValue) {
        let since = try #require(EvidenceRequest.Since("10m"))
        let outcome = try EvidenceBundle.make(
            EvidenceRequest(subjects: subjects, since: since, folder: place.path("out"), program: "test", pins: pins, seals: seals))
        let read = JSONValue(Array(try place.text("out/manifest.json").utf8).span)
        return (outcome, try #require(read))
    }

    private static func reasons(_ outcome: EvidenceOutcome) -> [String: String] {
        Dictionary(outcome.missing.map { ($0.part, $0.reason) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func pinsAreTheGatewaysAnswer() throws {
        let place = try Place()
        let (outcome, manifest) = try Self.make(place, [Self.subject("one"), Self.subject("two")]) { "[{\"name\":\"\($0.name).example\"}]" }
        let read = JSONValue(Array(try place.text("out/pins.json").utf8).span)
        let agents = try #require(read)["agents"]?.elements ?? []
        #expect(agents.map { $0["agent"]?.text } == ["one", "two"])
        #expect(agents.map { $0["pins"]?.elements.first?["name"]?.text } == ["one.example", "two.example"])
        #expect(!outcome.missing.contains { $0.part.hasPrefix("pins") })
        #expect(manifest["complete"]?.isTrue == outcome.missing.isEmpty)
    }

    @Test func anAnswerThatIsNoneIsMissing() throws {
        let place = try Place()
        let names = ["none", "throws", "odd", "open", "long", "good"]
        let (outcome, _) = try Self.make(place, names.map { Self.subject($0) } + [Self.subject("dead", alive: false)]) { subject in
            switch subject.name {
            case "none": nil
            case "throws": throw Silence()
            case "odd": "not JSON"
            case "open": "{},\"x\":{}"
            case "long": "\"" + String(repeating: "x", count: EvidenceLimits.pinsBytes) + "\""
            case "good": "{}"
            default: throw Silence()
            }
        }
        let reasons = Self.reasons(outcome)
        #expect(reasons["pins.json, agent none"] == "the gateway did not answer")
        #expect(reasons["pins.json, agent throws"] == "it says nothing")
        #expect(reasons["pins.json, agent odd"] == "the answer is no JSON" && reasons["pins.json, agent open"] == "the answer is no JSON")
        #expect(reasons["pins.json, agent long"]?.contains("more than") == true)
        // Who is dead is not asked.
        #expect(reasons["pins.json, agent dead"] == "the gateway, process 1, is not running")
        #expect(reasons["pins.json, agent good"] == nil)
        #expect(try place.text("out/pins.json") == "{\"agents\":[\n{\"agent\":\"good\",\"pins\":{}}]}\n")
    }

    @Test func withoutAnyAnswerThereIsNoFile() throws {
        let place = try Place()
        let (outcome, _) = try Self.make(place, [Self.subject("one")]) { _ in nil }
        #expect(!outcome.files.contains { $0.name == "pins.json" } && !FileManager.default.fileExists(atPath: place.path("out/pins.json")))
    }

    @Test func sealsAreCopied() throws {
        let place = try Place()
        for folder in ["a", "b"] { try FileManager.default.createDirectory(atPath: place.path(folder), withIntermediateDirectories: false) }
        try place.write("first", to: "a/1.json")
        try place.write("second", to: "b/1.json")
        try place.write(String(repeating: "x", count: EvidenceLimits.sealBytes + 1), to: "large")
        try FileManager.default.createSymbolicLink(atPath: place.path("link"), withDestinationPath: "/etc/passwd")
        let seals = ["a/1.json", "b/1.json", "large", "link", "none"].map { place.path($0) }
        let (outcome, _) = try Self.make(place, [], seals: seals) { _ in nil }
        #expect(try place.text("out/seals/1.json") == "first" && place.text("out/seals/2-1.json") == "second")
        #expect(Set(outcome.missing.map(\.part)) == ["seals/large", "seals/link", "seals/none"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("out/seals")).sorted() == ["1.json", "2-1.json"])
        #expect(try place.text("out/SHA256SUMS").contains("\(Digest(of: Array("second".utf8)))  seals/2-1.json\n"))
    }

    @Test func agentsOfOneLogShareItsSegment() throws {
        let place = try Place()
        try place.write("{\"time\":\"2999-01-01T00:00:00.000Z\"}\n", to: "one.jsonl")
        try place.write("", to: "two.jsonl")
        let logs = [place.path("one.jsonl"), place.path("two.jsonl"), place.path("one.jsonl"), nil]
        let subjects = zip(["a", "b", "c", "d"], logs).map { Self.subject($0, log: $1) }
        let (outcome, manifest) = try Self.make(place, subjects) { _ in "[]" }
        let entries = manifest["logs"]?.elements ?? []
        #expect(entries.map { $0["agents"]?.elements.compactMap(\.text) } == [["a", "c"], ["b"]])
        #expect(entries.map { $0["file"]?.text } == ["decisions.jsonl", "decisions-2.jsonl"])
        #expect(try place.text("out/decisions.jsonl") == place.text("one.jsonl"))
        #expect(Self.reasons(outcome)["decisions.jsonl, agent d"]?.contains("--log FILE") == true)
    }

    @Test func aPolicyThatIsNoneSaysSo() throws {
        let place = try Place()
        var unknown = Self.subject("unknown")
        unknown.policy = nil
        var preset = Self.subject("preset")
        preset.policy = PolicyOrigin(source: "preset:npm", allow: ["api.example.com"])
        let (outcome, _) = try Self.make(place, [Self.subject("none"), preset, unknown]) { _ in "[]" }
        #expect(try place.text("out/policy.txt").contains("everything is refused"))
        #expect(try place.text("out/policy-2.yaml").contains("registry.npmjs.org"))
        #expect(try place.text("out/policy-2.txt").contains("api.example.com"))
        #expect(Self.reasons(outcome)["policy.yaml, agent unknown"]?.contains("not known") == true)
    }

    @Test func aGatewaysOwnDoubtsAreInTheBundle() throws {
        let place = try Place()
        var subject = Self.subject("one")
        subject.unknown = [EvidenceGap(part: "x", reason: "y")]
        subject.places = [.init(namespace: 7, path: "/no/such/namespace", isShared: false)]
        let (outcome, manifest) = try Self.make(place, [subject, subject]) { _ in "[]" }
        #expect(outcome.missing.filter { $0.part == "x" }.count == 1)
        #expect(Self.reasons(outcome)["network namespace 7"]?.contains("cannot be entered") == true)
        #expect(manifest["missing"]?.elements.count == outcome.missing.count && manifest["complete"] == .bool(false))
    }

    /// RFC 8259 texts, each file of them, and every digest as the manifest says.
    @Test func everyFileIsWhatTheManifestSays() throws {
        let place = try Place()
        let (outcome, manifest) = try Self.make(place, [Self.subject("a\"\n\u{202e}")]) { _ in "[]" }
        let listed = manifest["files"]?.elements ?? []
        #expect(listed.count == outcome.files.count - 1)
        for file in listed {
            let name = try #require(file["name"]?.text)
            let bytes = Array(try Data(contentsOf: URL(filePath: place.path("out/\(name)"))))
            #expect(file["sha256"]?.text == Digest(of: bytes).description && file["size"]?.integer() == bytes.count)
            let isJSON = JSONValue(bytes.span) != nil
            #expect(isJSON == name.hasSuffix(".json"), "\(name)")
        }
        #expect(Digest(of: Array(try place.text("out/SHA256SUMS").utf8)) == outcome.sumsDigest)
    }
}
