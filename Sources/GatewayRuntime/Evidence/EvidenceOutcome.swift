package import TLSInterception
package import WireFormats

/// What came of a bundle.
package struct EvidenceOutcome: Hashable, Sendable {
    package var folder: String
    /// All but `SHA256SUMS`.
    package var files: [EvidenceFile]
    package var missing: [EvidenceGap]
    /// Of `SHA256SUMS`: whoever has it can tell whether the bundle was changed.
    package var sumsDigest: Digest

    package func append(to json: inout JSONText) {
        json.beginObject()
        json.member("folder", folder)
        json.member("complete", missing.isEmpty)
        json.member("sha256_of_sums", sumsDigest.description)
        json.key("files")
        json.beginArray()
        for file in files {
            json.beginObject()
            json.member("name", file.name)
            json.member("size", file.size)
            json.member("sha256", file.digest.description)
            json.endObject()
        }
        json.endArray()
        json.key("missing")
        json.beginArray()
        for gap in missing {
            json.beginObject()
            json.member("part", gap.part)
            json.member("reason", gap.reason)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }
}
