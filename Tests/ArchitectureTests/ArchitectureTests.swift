import Foundation
import Testing

/// The module table of the design, held against what the files say. A new target has to be added here.
@Suite("Architecture")
struct ArchitectureTests {
    /// What each Swift target may import, of this package and of others. Imports point down only.
    static let table: [(target: String, mayImport: Set<String>)] = [
        ("WireFormats", []),
        // Yams reads the policy file; Foundation has NFKC, see below.
        ("Policy", ["Foundation", "WireFormats", "Yams"]),
        ("GatewayCore", ["Policy", "WireFormats"]),
        ("LinuxKernel", ["CLinux", "CNetfilter", "Glibc", "Rulesets", "WireFormats"]),
        ("TLSInterception", ["COpenSSL", "Glibc", "Synchronization", "WireFormats"]),
        ("GatewayRuntime", [
            "GatewayCore", "Glibc", "LinuxKernel", "NIOCore", "NIOPosix", "Policy", "Synchronization", "TLSInterception",
            "WireFormats",
        ]),
        ("portcullis", ["ArgumentParser", "GatewayRuntime", "Glibc", "LinuxKernel", "Policy", "WireFormats"]),
    ]

    static let pure = ["WireFormats", "Policy", "GatewayCore"]

    /// What single files of the pure targets import besides each other, and why.
    static let exceptions: [String: String] = [
        // NFKC for internationalised names is in Foundation only.
        "Sources/Policy/Names/InternationalName.swift": "Foundation"
    ]

    @Test(arguments: table) func importsOnlyWhatItMay(target: String, mayImport: Set<String>) throws {
        let imports = try Repository.imports(ofTarget: target)
        #expect(imports.subtracting(mayImport) == [], "\(target) imports what it must not")
    }

    @Test(arguments: pure) func pureTargetsKnowNoSystem(target: String) throws {
        let files = Repository.files(below: "Sources/" + target, withExtension: "swift")
        #expect(files.count > 5)
        for file in files {
            for module in try Repository.imports(file) {
                let isKnown = Self.pure.contains(module) || module == "Yams" || Self.exceptions[file] == module
                #expect(isKnown, "\(file) imports \(module)")
            }
        }
    }

    @Test func everySourceTargetIsInTheTable() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Repository.root.appending(path: "Sources").path())
        let swift = folders.filter { !Repository.files(below: "Sources/" + $0, withExtension: "swift").isEmpty }
        #expect(Set(swift) == Set(Self.table.map(\.target)))
    }

    @Test func everyCTargetHasOneSwiftImporter() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Repository.root.appending(path: "Sources").path())
        let wrapped = folders.filter { Repository.files(below: "Sources/" + $0, withExtension: "swift").isEmpty }
        #expect(wrapped.contains("CLinux"))
        for library in wrapped {
            let importers = try Self.table.filter { try Repository.imports(ofTarget: $0.target).contains(library) }
            #expect(importers.count == 1, "\(library) is imported by \(importers.map(\.target))")
        }
    }

    @Test(arguments: table) func manifestDeclaresNoMoreThanTheTable(target: String, mayImport: Set<String>) throws {
        let manifest = try Repository.text("Package.swift")
        let name = try #require(manifest.firstRange(of: "arget(name: \"\(target)\"") ?? manifest.firstRange(of: "arget(\n            name: \"\(target)\""))
        let rest = manifest[name.upperBound...]
        // Up to the next target.
        let end = ["\n        .target(", "\n        .testTarget(", "\n        .executableTarget(", "\n    ]"]
            .compactMap { rest.firstRange(of: $0)?.lowerBound }.min()
        let declaration = rest[..<(try #require(end))]
        guard let list = declaration.firstRange(of: "dependencies: [") else { return }
        // Names in quotes up to the end of the list; those of packages come after `package:`.
        let pieces = declaration[list.upperBound...].split(separator: "swiftSettings").first?.split(separator: "\"", omittingEmptySubsequences: false) ?? []
        var declared: Set<String> = []
        for index in stride(from: 1, to: pieces.count, by: 2) where !pieces[index - 1].hasSuffix("package: ") {
            declared.insert(String(pieces[index]))
        }
        #expect(!declared.isEmpty)
        #expect(declared.subtracting(mayImport) == [], "\(target) declares what it must not import")
        // And nothing is declared that nobody imports.
        #expect(declared.subtracting(try Repository.imports(ofTarget: target)) == [], "\(target) declares what it does not import")
    }

    @Test func theQueueIsNeverBypassed() throws {
        let files = Repository.files(below: "nft", withExtension: "nft")
        #expect(!files.isEmpty)
        var queues = 0
        for file in files {
            for line in try Repository.text(file).split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("#") {
                let words = line.split { !$0.isLetter }
                queues += words.contains("queue") ? 1 : 0
                #expect(!words.contains("bypass"), "\(file): \(line)")
                #expect(!words.contains("fanout"), "\(file): \(line)")
            }
        }
        #expect(queues > 0)
    }

    /// Every chain at a hook of the traffic's own way drops what no rule of it accepts.
    @Test func baseChainsDropByDefault() throws {
        let lines = try Repository.text("nft/gateway.nft").split(separator: "\n").filter { $0.contains("type filter hook") }
        let accepting = lines.filter { !$0.contains("policy drop") }.map { $0.drop { $0 == " " } }
        // Refusals and the answers' notrack come before a chain that drops.
        #expect(accepting == [
            "type filter hook prerouting priority -145; policy accept;", "type filter hook output priority raw; policy accept;",
        ])
        #expect(lines.count == 6)
    }

    /// Long files, and why they may be.
    static let longFiles: [String: String] = [
        "Sources/GatewayCore/HTTPExchange.swift": "one state machine, read as a whole",
    ]

    @Test func filesAreShort() throws {
        let files = Repository.files(below: "Sources", withExtension: "swift") + Repository.files(below: "Sources", withExtension: "c")
        #expect(files.count > 100)
        for file in files {
            let lines = try Repository.text(file).split(separator: "\n", omittingEmptySubsequences: false).count - 1
            let isListed = Self.longFiles[file] != nil
            #expect(lines <= 300 || isListed, "\(file) has \(lines) lines")
            #expect(lines > 300 || !isListed, "\(file) need not be listed any more")
        }
    }
}
