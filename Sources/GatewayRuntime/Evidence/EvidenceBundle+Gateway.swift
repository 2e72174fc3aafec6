internal import LinuxKernel
internal import TLSInterception
internal import WireFormats

/// What the gateway and the kill switch say, and have written.
extension EvidenceBundle {
    mutating func addPins() throws {
        request.progress("pins")
        var text = "{\"agents\":["
        var isFirst = true
        for subject in request.subjects {
            let part = "pins.json, agent \(subject.name)"
            do {
                guard let gateway = subject.gateway else { throw NoAnswer("no gateway is known") }
                guard gateway.isAlive else { throw NoAnswer("the gateway, process \(gateway.process), is not running") }
                guard let answer = try request.pins(subject) else { throw NoAnswer("the gateway did not answer") }
                guard answer.utf8.count <= EvidenceLimits.pinsBytes else {
                    throw NoAnswer("the answer has more than \(EvidenceLimits.pinsBytes) bytes")
                }
                guard JSONValue(Array(answer.utf8).span) != nil else { throw NoAnswer("the answer is no JSON") }
                var name = JSONText()
                name.string(subject.name)
                text += "\(isFirst ? "" : ",")\n{\"agent\":\(name.text),\"pins\":\(answer)}"
                isFirst = false
            } catch {
                note(part, "\(error)")
            }
        }
        if !isFirst { try add("pins.json", "names that the agents asked for, and their addresses", Array((text + "]}\n").utf8)) }
    }

    /// Why the gateway's part is missing.
    private struct NoAnswer: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    mutating func addLogs() throws {
        request.progress("decision log")
        for subject in request.subjects where subject.log == nil {
            note("decisions.jsonl, agent \(subject.name)", subject.gateway == nil ? "no gateway is known" : subject.noLog)
        }
        let since = request.since.moment(before: manifest.maker.wallNanoseconds)
        for (path, subjects) in grouped(by: \.log) {
            let name = numbered("decisions", manifest.logs.count, ".jsonl")
            let gateway = subjects.compactMap(\.gateway).first { $0.isAlive }?.process
            var segment: LogSegment?
            var failure: String?
            var size: UInt64 = 0
            try folder.makeFile(name) { file in
                do {
                    segment = try LogSegment.read(path, since: since, gateway: gateway) { bytes in
                        size += UInt64(bytes.count)
                        // The bundle's own disk is another matter than the log's.
                        do { try file.write(bytes) } catch { throw WriteFailure(error: error) }
                    }
                } catch let error as WriteFailure {
                    throw error.error
                } catch {
                    failure = "\(error)"
                }
            }
            guard let segment else {
                folder.removeFile(name)
                note("\(name), agent \(subjects.map(\.name).joined(separator: ", "))", failure ?? "it could not be read")
                continue
            }
            manifest.files.append(
                EvidenceFile(name: name, size: size, digest: segment.digest, content: "the decision log \(path) of the time asked for"))
            manifest.logs.append((name, subjects.map(\.name), segment))
            if segment.isTruncated {
                note(name, "the time asked for has more than \(EvidenceLimits.segmentBytes) bytes; the oldest are left out")
            }
            if segment.isOpenInGateway == false {
                note(name, "the gateway has another file open than \(path): it was moved or replaced, and what came since is elsewhere")
            }
        }
    }

    private struct WriteFailure: Error {
        let error: any Error
    }

    /// Who was sealed and raised, by whom and why, in the time asked for.
    mutating func addJournal() throws {
        guard let path = request.journal, FileText.exists(path) else { return }
        request.progress("the kill switch's journal")
        let since = request.since.moment(before: manifest.maker.wallNanoseconds)
        var bytes: [UInt8] = []
        do {
            let segment = try LogSegment.read(path, since: since, gateway: nil, segmentBytes: EvidenceLimits.journalBytes) {
                bytes += $0
            }
            try add("kill-switch.jsonl", "the kill switch's journal \(path) of the time asked for", bytes)
            manifest.logs.append(("kill-switch.jsonl", request.subjects.map(\.name), segment))
            if segment.isTruncated {
                note("kill-switch.jsonl", "the time asked for has more than \(EvidenceLimits.journalBytes) bytes; the oldest are left out")
            }
        } catch let error as SystemCallError {
            note("kill-switch.jsonl", "\(error)")
        } catch let error as LogSegment.LogShrank {
            note("kill-switch.jsonl", "\(error)")
        }
    }

    mutating func addSeals() throws {
        guard !request.seals.isEmpty else { return }
        request.progress("seals")
        try folder.makeFolder("seals")
        for (index, path) in request.seals.enumerated() {
            let last = path.split(separator: "/").last.map(String.init) ?? "seal"
            // Two folders may have records of one name.
            let name = "seals/" + (manifest.files.contains { $0.name == "seals/" + last } ? "\(index + 1)-\(last)" : last)
            let bytes: [UInt8]
            do {
                let file = try PlainFile(path)
                guard file.size <= EvidenceLimits.sealBytes else {
                    throw NoAnswer("\(path) has more than \(EvidenceLimits.sealBytes) bytes")
                }
                bytes = try file.read(at: 0, count: Int(file.size))
            } catch {
                note(name, "\(error)")
                continue
            }
            try add(name, "the record \(path)", bytes)
        }
    }
}
