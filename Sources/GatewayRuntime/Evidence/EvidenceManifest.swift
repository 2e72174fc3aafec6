internal import LinuxKernel
internal import TLSInterception
internal import WireFormats

/// `manifest.json`: what a bundle is about, what is in it and what is not.
struct EvidenceManifest {
    var maker: EvidenceMaker
    var program: String
    var subjects: [EvidenceSubject]
    var since: EvidenceRequest.Since
    var files: [EvidenceFile] = []
    var logs: [(file: String, agents: [String], segment: LogSegment)] = []
    var policies: [Policy] = []
    var missing: [EvidenceGap] = []

    struct Policy {
        var agents: [String]
        var origin: PolicyOrigin
        /// Of each of the origin's files, in order; `nil` for one that could not be read.
        var copies: [Copy?]

        struct Copy {
            /// What it is called in the bundle.
            var file: String
            /// Of what is on disk by now.
            var digest: Digest
        }
    }

    var text: String {
        var time = TimeText()
        var json = JSONText(stringLimitBytes: EvidenceLimits.stringBytes)
        json.beginObject()
        json.member("version", 1)
        json.member("program", program)
        json.member("host", maker.host)
        json.member("kernel", maker.kernel)
        json.member("boot_id", maker.bootIdentifier)
        json.member("created", String(decoding: time.rfc3339(maker.wallNanoseconds), as: UTF8.self))
        json.key("by")
        json.beginObject()
        json.member("uid", maker.user)
        json.member("sudo_user", maker.sudoUser)
        json.member("login_uid", maker.loginUser)
        json.endObject()
        json.key("since")
        json.beginObject()
        json.member("asked", since.text)
        json.member("seconds", since.seconds)
        json.member("from", String(decoding: time.rfc3339(since.moment(before: maker.wallNanoseconds)), as: UTF8.self))
        json.endObject()
        array("agents", subjects, &json) { write($0, to: &$1) }
        array("files", files, &json) { file, json in
            json.member("name", file.name)
            json.member("size", file.size)
            json.member("sha256", file.digest.description)
            json.member("content", file.content)
        }
        array("logs", logs, &json) { log, json in
            json.member("file", log.file)
            strings("agents", log.agents, &json)
            write(log.segment, to: &json)
        }
        array("policies", policies, &json) { write($0, to: &$1) }
        json.member("complete", missing.isEmpty)
        array("missing", missing, &json) { gap, json in
            json.member("part", gap.part)
            json.member("reason", gap.reason)
        }
        json.endObject()
        return json.text + "\n"
    }

    private func write(_ subject: EvidenceSubject, to json: inout JSONText) {
        json.member("name", subject.name)
        json.key("users")
        json.beginArray()
        for user in subject.users { json.number(user) }
        json.endArray()
        strings("cgroups", subject.cgroups.map(\.path), &json)
        strings("interfaces", subject.interfaces, &json)
        json.member("process_namespace", subject.processNamespace)
        array("network_namespaces", subject.places, &json) { place, json in
            json.member("number", place.namespace)
            json.member("shared", place.isShared)
        }
        strings("marks", subject.marks.map { "\(EvidenceFacts.hexadecimal($0.value))/\(EvidenceFacts.hexadecimal($0.mask))" }, &json)
        json.key("gateway")
        if let gateway = subject.gateway {
            json.beginObject()
            json.member("pid", gateway.process)
            json.member("start", gateway.start)
            json.member("alive", gateway.isAlive)
            json.endObject()
        } else {
            json.null()
        }
        json.member("log", subject.log)
        json.member("policy", subject.policy?.source)
    }

    private func write(_ segment: LogSegment, to json: inout JSONText) {
        json.member("path", segment.path)
        json.member("device", segment.device)
        json.member("inode", segment.inode)
        json.member("log_size", segment.logSize)
        json.member("from_offset", segment.start)
        json.member("to_offset", segment.end)
        json.member("lines", segment.lines)
        json.member("sha256", segment.digest.description)
        json.member("sha256_before", segment.digestBefore?.description)
        json.member("torn_bytes", segment.tornBytes)
        json.member("truncated", segment.isTruncated)
        json.key("open_in_gateway")
        if let isOpen = segment.isOpenInGateway { json.bool(isOpen) } else { json.null() }
    }

    private func write(_ policy: Policy, to json: inout JSONText) {
        strings("agents", policy.agents, &json)
        json.member("source", policy.origin.source)
        strings("allow", policy.origin.allow, &json)
        json.member("observe", policy.origin.observe)
        array("files", Array(policy.origin.files.enumerated()), &json) { item, json in
            let copy = item.offset < policy.copies.count ? policy.copies[item.offset] : nil
            json.member("path", item.element.path)
            json.member("sha256_when_loaded", item.element.digest.description)
            json.member("sha256_now", copy?.digest.description)
            json.member("copy", copy?.file)
        }
    }

    private func strings(_ name: String, _ texts: [String], _ json: inout JSONText) {
        json.key(name)
        json.beginArray()
        for text in texts { json.string(text) }
        json.endArray()
    }

    private func array<Element>(
        _ name: String, _ elements: [Element], _ json: inout JSONText, _ write: (Element, inout JSONText) -> Void
    ) {
        json.key(name)
        json.beginArray()
        for element in elements {
            json.beginObject()
            write(element, &json)
            json.endObject()
        }
        json.endArray()
    }
}
