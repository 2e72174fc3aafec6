import Foundation
import FuzzEntryPoints
import TestSupport
import Testing

/// Replays the corpus of every decoder, all prefixes of it, and deterministic mutations.
///
/// `PORTCULLIS_FUZZ_ROUNDS` sets how many mutations of each seed are tried; `PORTCULLIS_FUZZ_SEED` where they start. An
/// input that breaks a decoder is printed in hexadecimal: put it into the corpus with its fix.
@Suite("Fuzz targets")
struct FuzzTests {
    private static func number(_ name: String, otherwise: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? otherwise
    }

    private func corpus(_ target: FuzzTarget) throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus/\(target.rawValue)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path() < $1.path() }.map { [UInt8](try Data(contentsOf: $0)) }
    }

    @Test(arguments: FuzzTarget.allCases) func holds(target: FuzzTarget) throws {
        let seeds = try corpus(target)
        #expect(seeds.count > 1, "without seeds nothing is tried")
        var generator = SplitMix64(seed: UInt64(Self.number("PORTCULLIS_FUZZ_SEED", otherwise: 1)))
        let rounds = Self.number("PORTCULLIS_FUZZ_ROUNDS", otherwise: 4000)
        for seed in seeds {
            for count in 0...seed.count where count == seed.count || count < 2048 {
                check(target, Array(seed.prefix(count)))
            }
            for _ in 0..<rounds { check(target, Mutation.of(seed, &generator)) }
        }
        for _ in 0..<rounds {
            check(target, (0..<Int.random(in: 0...80, using: &generator)).map { _ in .random(in: 0...255, using: &generator) })
        }
    }

    private func check(_ target: FuzzTarget, _ bytes: [UInt8]) {
        guard let problem = target.run(bytes) else { return }
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        Issue.record("\(target.rawValue): \(problem): \(hex)")
    }
}
