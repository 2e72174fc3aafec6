/// The file of a seal: one line a fact, the version first.
///
///     portcullis-seal 1
///     agent claude
///     cause command
///     at 1767225600000000000
///     uid 0
///     reason it asked for the customers' table
///     cause heartbeat_lost
///     at 1767225660000000000
///     omitted 2
///     end
///
/// A cause has its time, and may have an account and a reason, in this order. Values have no line ends in them:
/// ``SealCause`` takes them out, so that no reason can add a line.
extension SealRecord {
    private static let version = "portcullis-seal 1"

    /// The file's text, of at most ``Limits/sealRecordBytes``.
    package var text: String {
        var lines = [Self.version, "agent \(agent)"]
        for cause in [cause] + later {
            lines.append("cause \(cause.code.rawValue)")
            lines.append("at \(cause.at)")
            if let uid = cause.uid { lines.append("uid \(uid)") }
            if !cause.reason.isEmpty { lines.append("reason \(cause.reason)") }
        }
        if omittedCount > 0 { lines.append("omitted \(omittedCount)") }
        lines.append("end")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads the seal record of an agent. That there is one is what seals; whatever is wrong with it, it is read as a seal
    /// of unknown cause, never as none.
    ///
    /// - Parameters:
    ///   - bytes: the whole file, empty when it could not be read.
    ///   - agent: whose it is by its name; a record that says otherwise is as good as broken.
    package static func read(_ bytes: [UInt8], agent: String) -> SealRecord {
        // Ours is what is written again the same, byte for byte: there is one spelling of a record, and no second reading.
        if bytes.count <= Limits.sealRecordBytes, let record = parse(bytes, agent: agent), record.text.utf8.elementsEqual(bytes) {
            return record
        }
        return SealRecord(agent: agent, cause: SealCause(.unknown, reason: "the seal record cannot be read", at: 0))
    }

    /// Takes what it recognises, in its order; the comparison in ``read(_:agent:)`` tells whether that was all.
    private static func parse(_ bytes: [UInt8], agent: String) -> SealRecord? {
        var lines = bytes.split(separator: UInt8(ascii: "\n"))[...]
        _ = lines.popFirst()
        _ = lines.popFirst()
        guard let first = cause(in: &lines) else { return nil }
        var record = SealRecord(agent: agent, cause: first)
        while let next = cause(in: &lines) { record.add(next) }
        record.setOmitted(value(of: "omitted", in: &lines).flatMap { UInt64($0) } ?? 0)
        return record
    }

    private static func cause(in lines: inout ArraySlice<ArraySlice<UInt8>>) -> SealCause? {
        guard let code = value(of: "cause", in: &lines).flatMap(SealCause.Code.init(rawValue:)),
            let at = value(of: "at", in: &lines).flatMap({ UInt64($0) })
        else { return nil }
        let uid = value(of: "uid", in: &lines).flatMap { UInt32($0) }
        return SealCause(code, reason: value(of: "reason", in: &lines) ?? "", uid: uid, at: at)
    }

    /// Takes the next line if it is of that key.
    private static func value(of key: String, in lines: inout ArraySlice<ArraySlice<UInt8>>) -> String? {
        guard let line = lines.first, line.starts(with: "\(key) ".utf8) else { return nil }
        lines.removeFirst()
        return String(validating: line.dropFirst(key.utf8.count + 1), as: UTF8.self)
    }
}
