import GatewayCore
import TestSupport
import Testing

@Suite("Seal records")
struct SealRecordTests {
    private static let full: SealRecord = {
        var record = SealRecord(agent: "claude", cause: SealCause(.command, reason: "it asked for the customers' table", uid: 0, at: 17))
        record.add(SealCause(.heartbeatLost, at: 18))
        return record
    }()

    @Test func isWrittenALineAFact() {
        #expect(
            Self.full.text == """
                portcullis-seal 1
                agent claude
                cause command
                at 17
                uid 0
                reason it asked for the customers' table
                cause heartbeat_lost
                at 18
                end

                """)
        #expect(SealRecord.read(Array(Self.full.text.utf8), agent: "claude") == Self.full)
    }

    @Test(arguments: SealCause.Code.allCases)
    func everyCauseIsReadBack(code: SealCause.Code) {
        for (reason, uid) in [("", nil), ("é ☃ 字", 4_294_967_295), (" spaces  inside and behind ", 1000)] as [(String, UInt32?)] {
            let record = SealRecord(agent: "a.b_c-d", cause: SealCause(code, reason: reason, uid: uid, at: .max))
            #expect(SealRecord.read(Array(record.text.utf8), agent: "a.b_c-d") == record)
        }
    }

    /// There is no text that reads as no seal.
    @Test(arguments: [
        "", "\n", "open\n", "portcullis-seal 1\n", "portcullis-seal 2\nagent claude\ncause command\nat 17\nend\n",
        "portcullis-seal 1\nagent other\ncause command\nat 17\nend\n", "portcullis-seal 1\nagent claude\nend\n",
        "portcullis-seal 1\nagent claude\ncause none\nat 17\nend\n", "portcullis-seal 1\nagent claude\ncause command\nend\n",
        "portcullis-seal 1\nagent claude\ncause command\nat -1\nend\n", "portcullis-seal 1\nagent claude\ncause command\nat 017\nend\n",
        "portcullis-seal 1\nagent claude\ncause command\nat 17\nend", "portcullis-seal 1\nagent claude\ncause command\nat 17\n",
        "portcullis-seal 1\nagent claude\ncause command\nat 17\nend\nend\n", "portcullis-seal 1\nagent claude\ncause command\nat 17\n\nend\n",
        "portcullis-seal 1\r\nagent claude\r\ncause command\r\nat 17\r\nend\r\n",
        "portcullis-seal 1\nagent claude\ncause command\nat 17\nreason \nend\n",
        "portcullis-seal 1\nagent claude\ncause command\nat 17\nreason a\u{7}\nend\n",
        "portcullis-seal 1\nagent claude\ncause command\nat 17\nuid 4294967296\nend\n",
        "portcullis-seal 1\nagent claude\ncause command\nat 17\nomitted 0\nend\n",
        "portcullis-seal 1\nagent claude\ncause command\nat 17\ncause command\nat 17\nend\n",
        "portcullis-seal 1\nagent claude\ncause unknown\nat 17\ncause command\nat 17\nend\n",
        "portcullis-seal 1\nagent claude\ncause command\nat 17\ncause bogus\nend\n",
        "portcullis-seal 1\nagent claude\ncause command\nat 17\nopen yes\nend\n",
        "portcullis-seal 1\nagent claude\nreason x\ncause command\nat 17\nend\n",
    ])
    func whateverIsWrongWithItItSeals(text: String) {
        let record = SealRecord.read(Array(text.utf8), agent: "claude")
        #expect(record.cause.code == .unknown)
        #expect(record.cause.reason == "the seal record cannot be read")
        #expect(record.agent == "claude")
    }

    @Test func bytesThatAreNoTextSeal() {
        let bytes = Array(Self.full.text.utf8).map { $0 == UInt8(ascii: "'") ? 0xff : $0 }
        #expect(SealRecord.read(bytes, agent: "claude").cause.code == .unknown)
        #expect(SealRecord.read([UInt8](repeating: 0x61, count: 1 << 20), agent: "claude").cause.code == .unknown)
    }

    @Test(arguments: ["a\nend", "a\r\ncause signal\nat 0", "a\u{2028}b", "a\u{85}b", "a\0b", "\u{202e}a", "\n\n\n"])
    func noReasonAddsALine(reason: String) {
        let record = SealRecord(agent: "claude", cause: SealCause(.command, reason: reason, at: 1))
        let lines = record.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == (record.cause.reason.isEmpty ? 6 : 7))
        #expect(lines.filter { $0.hasPrefix("cause ") } == ["cause command"])
        #expect(SealRecord.read(Array(record.text.utf8), agent: "claude") == record)
    }

    /// Reasons of any text, cut wherever the limit falls, are read back as they are; the longest record is within its limit.
    @Test func anyReasonIsReadBack() {
        var random = SplitMix64(seed: 5)
        let alphabet: [String] = ["a", " ", "é", "☃", "😀", "\u{301}", "\n", "\u{0}", "\u{202e}", ":", "字"]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...700, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "" }.joined()
            var record = SealRecord(agent: String(repeating: "n", count: 64), cause: SealCause(.criticalFindings, reason: text, uid: .max, at: .max))
            for at in 0..<UInt64(30) { record.add(SealCause(.criticalFindings, reason: text, uid: .max, at: .max - 1 - at)) }
            #expect(record.later.count == Limits.laterSealCauses)
            #expect(record.text.utf8.count <= Limits.sealRecordBytes)
            #expect(SealRecord.read(Array(record.text.utf8), agent: record.agent) == record)
        }
    }

    @Test func joinsWhatTwoWroteTheFirstFirst() {
        let mine = SealRecord(agent: "claude", cause: SealCause(.heartbeatLost, at: 9))
        let joined = mine.joined(to: Self.full)
        #expect(joined.cause == Self.full.cause && joined.later.map(\.code) == [.heartbeatLost, .heartbeatLost])
        #expect(joined.joined(to: Self.full) == joined)
        // Nobody knows why gives way to who knows, whoever wrote first.
        let unknown = SealRecord(agent: "claude", cause: SealCause(.unknown, reason: "the seal table was woken", at: 3))
        #expect(Self.full.joined(to: unknown) == Self.full)
        #expect(unknown.joined(to: Self.full) == Self.full)
    }

    @Test func saysWhoAndWhy() {
        #expect("\(SealCause(.command, reason: "too much mail", uid: 0, at: 1))" == "command by uid 0: too much mail")
        #expect("\(SealCause(.heartbeatLost, at: 1))" == "heartbeat_lost")
    }
}
