import Policy
import Testing
import WireFormats

@Suite("Extending policies")
struct ExtendsTests {
    @Test func joinsPresetsAndFilesParentsFirst() throws {
        let model = try PolicyText.model(
            "version: 1\nextends: [npm, ./base.yaml]\nallow: [mine.example]\n",
            files: ["./base.yaml": "version: 1\nmode: observe\ndeny: [registry.npmjs.org]\ntls: { extra_ca: [/a.pem] }\n"])
        #expect(model.sources == ["policy.yaml", "preset:npm", "./base.yaml"])
        #expect(model.hostRules.map(\.pattern.description) == [
            "registry.npmjs.org", "registry.yarnpkg.com", "registry.npmjs.org", "mine.example",
        ])
        #expect(model.mode == .observe)
        #expect(model.extraCA == ["/a.pem"])
        // Deny wins over allow whatever file it came from.
        #expect(model.compiled().nameVerdict(try HostName("registry.npmjs.org")).denial?.origin?.source == "./base.yaml")
    }

    @Test func theFileItselfWins() throws {
        let model = try PolicyText.model(
            "version: 1\nmode: enforce\nextends: [./a.yaml, ./b.yaml]\n",
            files: [
                "./a.yaml": "version: 1\nmode: observe\ndns: { resolver: [1.1.1.1] }\n",
                "./b.yaml": "version: 1\ndns: { resolver: [9.9.9.9] }\n",
            ])
        #expect(model.mode == .enforce)
        #expect(model.resolver.description == "1.1.1.1")
    }

    @Test func whatIsExtendedTwiceCountsOnce() throws {
        let model = try PolicyText.model(
            "version: 1\nextends: [./a.yaml, ./b.yaml]\n",
            files: ["./a.yaml": "version: 1\nextends: [go]\n", "./b.yaml": "version: 1\nextends: [go]\n"])
        #expect(model.hostRules.count == 2)
    }

    @Test func refusesCycles() {
        let problems = PolicyText.problems(
            "version: 1\nextends: [./a.yaml]\n", files: ["./a.yaml": "version: 1\nextends: [./a.yaml]\n"])
        #expect(problems == ["./a.yaml:2:11: `./a.yaml` extends itself: policy.yaml → ./a.yaml → ./a.yaml"])
    }

    @Test(arguments: [(8, true), (9, false)])
    func refusesDeepNesting(files: Int, loads: Bool) {
        var others: [String: String] = [:]
        for index in 1..<files { others["./\(index).yaml"] = "version: 1\n" + (index + 1 < files ? "extends: [./\(index + 1).yaml]\n" : "") }
        let problems = PolicyText.problems("version: 1\nextends: [./1.yaml]\n", files: others)
        #expect(problems.isEmpty == loads, "\(problems)")
        #expect(loads || problems == ["./7.yaml:2:11: `extends` is nested more than 8 deep"])
    }

    @Test func refusesTooManyFiles() {
        let names = (0..<PolicyLimits.extendsFileCount).map { "./\($0).yaml" }
        let problems = PolicyText.problems(
            "version: 1\nextends: [\(names.joined(separator: ", "))]\n", files: Dictionary(uniqueKeysWithValues: names.map { ($0, "version: 1\n") }))
        #expect(problems.count == 1)
        #expect(problems.first?.contains("more than 64 files") == true)
    }

    @Test(arguments: [
        ("nmp", "there is no preset `nmp`", "\n  write: npm"), ("mine", "there is no preset `mine`", "\n  write: ./mine.yaml"),
        ("./missing.yaml", "`./missing.yaml` cannot be read: no file ./missing.yaml", ""),
    ])
    func saysWhatIsMissing(name: String, message: String, remedy: String) {
        let problems = PolicyText.problems("version: 1\nextends: [\(name)]\n")
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("policy.yaml:2:11: \(message)") == true, "\(problems)")
        #expect(problems.first?.hasSuffix(remedy) == true, "\(problems)")
    }
}
