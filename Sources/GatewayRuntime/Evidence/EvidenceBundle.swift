internal import LinuxKernel
internal import TLSInterception

/// What is known of an incident, in one folder: whole or not there at all, and saying what could not be had.
package struct EvidenceBundle: ~Copyable {
    let request: EvidenceRequest
    var folder: NewFolder
    var manifest: EvidenceManifest

    /// Makes the bundle. What is gone soonest comes first; a part that cannot be had is noted, and the rest goes on.
    ///
    /// The thread goes through the agents' network namespaces: the process must have no other that depends on its own.
    ///
    /// - Throws: when the folder cannot be made or written to; nothing is left of it then.
    package static func make(_ request: EvidenceRequest) throws -> EvidenceOutcome {
        var bundle = try EvidenceBundle(request)
        try bundle.addFacts()
        try bundle.addPins()
        try bundle.addLogs()
        try bundle.addPolicies()
        try bundle.addSeals()
        try bundle.addJournal()
        return try bundle.finish()
    }

    private init(_ request: EvidenceRequest) throws {
        folder = try NewFolder(request.folder)
        manifest = EvidenceManifest(
            maker: EvidenceMaker(), program: request.program, subjects: request.subjects, since: request.since)
        for gap in request.subjects.flatMap(\.unknown) where !manifest.missing.contains(gap) { manifest.missing.append(gap) }
        self.request = request
    }

    private consuming func finish() throws -> EvidenceOutcome {
        request.progress("digests")
        try add("README.txt", "what the files are, and how far they can be believed", Array(EvidenceReadme.text.utf8))
        // Last but for the sums: it lists all others.
        try add("manifest.json", "", Array(manifest.text.utf8))
        let sums = Array(manifest.files.map { "\($0.digest)  \($0.name)\n" }.joined().utf8)
        let files = manifest.files
        try add("SHA256SUMS", "", sums)
        try folder.putIntoPlace()
        return EvidenceOutcome(folder: folder.path, files: files, missing: manifest.missing, sumsDigest: Digest(of: sums))
    }

    mutating func add(_ name: String, _ content: String, _ bytes: [UInt8]) throws {
        try folder.makeFile(name) { try $0.write(bytes) }
        manifest.files.append(EvidenceFile(name: name, size: UInt64(bytes.count), digest: Digest(of: bytes), content: content))
    }

    mutating func note(_ part: String, _ reason: String) {
        manifest.missing.append(EvidenceGap(part: part, reason: reason))
    }

    /// The subjects that share something, in order; those that have none are left out.
    func grouped<Key: Hashable>(by key: (EvidenceSubject) -> Key?) -> [(Key, [EvidenceSubject])] {
        var groups: [(Key, [EvidenceSubject])] = []
        for subject in request.subjects {
            guard let value = key(subject) else { continue }
            if let index = groups.firstIndex(where: { $0.0 == value }) {
                groups[index].1.append(subject)
            } else {
                groups.append((value, [subject]))
            }
        }
        return groups
    }

    /// `decisions.jsonl`, `decisions-2.jsonl`, …
    func numbered(_ name: String, _ index: Int, _ end: String) -> String {
        index == 0 ? name + end : "\(name)-\(index + 1)\(end)"
    }
}
