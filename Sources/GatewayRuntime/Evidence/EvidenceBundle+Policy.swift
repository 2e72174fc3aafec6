internal import GatewayCore
internal import LinuxKernel
internal import Policy
internal import TLSInterception

/// What the gateway goes by.
extension EvidenceBundle {
    mutating func addPolicies() throws {
        request.progress("policy")
        for subject in request.subjects where subject.policy == nil {
            note("policy.yaml, agent \(subject.name)", "what policy its gateway goes by is not known")
        }
        for (index, (origin, subjects)) in grouped(by: \.policy).enumerated() {
            var policy = EvidenceManifest.Policy(agents: subjects.map(\.name), origin: origin, copies: [])
            var isAsLoaded = true
            for (number, file) in origin.files.enumerated() {
                let name = number == 0
                    ? numbered("policy", index, ".yaml") : numbered("policy-extends-\(number)", index, ".yaml")
                let bytes: [UInt8]
                do {
                    bytes = try FileText.read(file.path, limit: PolicyLimits.policyFileBytes)
                } catch {
                    policy.copies.append(nil)
                    isAsLoaded = false
                    note(name, "\(error)")
                    continue
                }
                let digest = Digest(of: bytes)
                policy.copies.append(.init(file: name, digest: digest))
                if digest != file.digest {
                    isAsLoaded = false
                    note(name, "\(file.path) was changed since the gateway read it: the copy is not what is in force")
                }
                let text = PolicyRedaction.redacted(String(decoding: bytes, as: UTF8.self))
                try add(name, "\(file.path), without what looks like a secret", Array(text.utf8))
            }
            if let preset = origin.source.flatMap(Self.preset) {
                try add(numbered("policy", index, ".yaml"), "the preset \(preset.name)", Array(preset.text.utf8))
            }
            manifest.policies.append(policy)
            try addMeaning(of: origin, numbered("policy", index, ".txt"), isAsLoaded)
        }
    }

    private static func preset(_ source: String) -> Preset? { Preset.all.first { $0.source.name == source } }

    private mutating func addMeaning(of origin: PolicyOrigin, _ name: String, _ isAsLoaded: Bool) throws {
        guard isAsLoaded else { return note(name, "the policy's files are not what the gateway read") }
        let lines: [String]
        do {
            let argument = origin.source.map { Self.preset($0)?.name ?? $0 }
            let model = try argument.map { try PolicySearch.load($0, home: "/").model } ?? .empty
            let added = try model.adding(CommandLineRules(allow: origin.allow, observe: origin.observe))
            lines = added.compiled().summary()
        } catch {
            return note(name, "\(error)")
        }
        let text = lines.map { PolicyRedaction.redactedText($0, keeping: origin.files.map(\.path)) + "\n" }.joined()
        try add(name, "what the policy means", Array(text.utf8))
    }
}
