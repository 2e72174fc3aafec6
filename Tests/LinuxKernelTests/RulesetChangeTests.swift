import Testing

@testable import LinuxKernel

/// Messages as nfnetlink sends them to the group of nf_tables.
@Suite("Ruleset changes")
struct RulesetChangeTests {
    /// NFT_MSG_NEWTABLE is 0, NFT_MSG_DELRULE 8, NFT_MSG_NEWGEN 15; the subsystem is 10.
    private func message(_ type: UInt8, _ attributes: [(UInt16, [UInt8])]) -> [UInt8] {
        var body: [UInt8] = [1, 0, 0, 0]
        for (kind, value) in attributes {
            let length = 4 + value.count
            body += [UInt8(length & 255), UInt8(length >> 8), UInt8(kind & 255), UInt8(kind >> 8)] + value
            while body.count % 4 != 0 { body.append(0) }
        }
        let length = 16 + body.count
        return [UInt8(length & 255), UInt8(length >> 8), 0, 0, type, 10, 0, 0] + [UInt8](repeating: 0, count: 8) + body
    }

    private func name(_ text: String) -> (UInt16, [UInt8]) { (1, Array(text.utf8) + [0]) }
    private let generation: (UInt16, [UInt8]) = (1, [0, 0, 0, 9])
    private func thread(_ number: UInt8) -> (UInt16, [UInt8]) { (2, [0, 0, 0, number]) }

    @Test func aTransactionIsWhatStandsBeforeItsGeneration() {
        var reader = RulesetChangeReader()
        #expect(reader.read(message(0, [name("a")]) + message(8, [name("b")])) == [])
        #expect(
            reader.read(message(15, [generation, thread(7)]) + message(0, [name("c")]))
                == [RulesetChange(tables: ["a", "b"], thread: 7)])
        #expect(reader.read(message(15, [generation, thread(8)])) == [RulesetChange(tables: ["c"], thread: 8)])
    }

    @Test func aKernelThatDoesNotSayWhoItWas() {
        var reader = RulesetChangeReader()
        #expect(reader.read(message(0, [name("a")]) + message(15, [generation])) == [RulesetChange(tables: ["a"], thread: nil)])
    }

    @Test func whatIsCutSaysNothingAndHarmsNothing() {
        let whole = message(0, [name("portcullis")]) + message(15, [generation, thread(7)])
        for count in whole.indices {
            var reader = RulesetChangeReader()
            #expect(reader.read(Array(whole[..<count])).isEmpty)
        }
        for index in whole.indices {
            for value: UInt8 in [0, 1, 0x7f, 0xff] {
                var bytes = whole
                bytes[index] = value
                var reader = RulesetChangeReader()
                _ = reader.read(bytes)
            }
        }
    }

    @Test func othersMessagesAreNobodysTables() {
        var reader = RulesetChangeReader()
        var other = message(0, [name("a")])
        other[5] = 1
        #expect(reader.read(other + message(15, [generation, thread(7)])) == [RulesetChange(tables: [], thread: 7)])
    }
}
