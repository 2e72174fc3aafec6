/// As a file: a line a fact, and the longer texts line by line behind `t ` and `l `.
///
///     portcullis-agent 1
///     name claude
///     gateway 1234 887712 service
///     host 4026531840
///     served 0x50450001
///     place 4026531840 shared inet /proc/1234/ns/net
///     table portcullis_seal_claude
///     t table inet portcullis_seal_claude
extension AgentRecord {
    private static let heading = "portcullis-agent 1"

    package var text: String {
        var lines = [
            Self.heading, "name \(name)", "gateway \(process) \(startedAt) \(isService ? "service" : "jail")",
            "host \(hostNamespace)", "served \(servedMark)",
        ]
        lines += flows.map { "flows \($0)" } + users.map { "user \($0)" } + cgroups.map { "cgroup \($0)" }
        lines += interfaces.map { "interface \($0)" } + agentNamespaces.map { "netns \($0)" }
        if let agentPath { lines.append("inside \(agentPath)") }
        if let processNamespace { lines.append("pidns \(processNamespace)") }
        if let sentinel { lines.append("sentinel \(sentinel)") }
        for place in places {
            lines.append(
                "place \(place.namespace) \(place.isOwn ? "own" : "shared") \(place.hasBridge ? "bridge" : "inet") \(place.path)")
            lines.append("table \(place.table)")
            lines += Self.lines(place.text).map { "t \($0)" } + Self.lines(place.listing).map { "l \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Returns: `nil` for what is no such file.
    package init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == Self.heading[...] else { return nil }
        self.init(name: "", process: 0, startedAt: 0, isService: false, hostNamespace: 0, servedMark: 0)
        for line in lines.dropFirst() {
            let (key, value) = Self.split(line)
            switch key {
            case "": continue
            case "name": name = String(value)
            case "gateway":
                let fields = value.split(separator: " ")
                guard fields.count == 3, let number = Int32(fields[0]), let start = UInt64(fields[1]) else { return nil }
                (process, startedAt, isService) = (number, start, fields[2] == "service")
            case "host": guard Self.read(value, into: &hostNamespace) else { return nil }
            case "served": guard Self.read(value, into: &servedMark) else { return nil }
            case "flows": guard Self.append(value, to: &flows) else { return nil }
            case "user": guard Self.append(value, to: &users) else { return nil }
            case "netns": guard Self.append(value, to: &agentNamespaces) else { return nil }
            case "cgroup": cgroups.append(String(value))
            case "interface": interfaces.append(String(value))
            case "pidns":
                guard let number = UInt64(value) else { return nil }
                processNamespace = number
            case "inside": agentPath = String(value)
            case "sentinel": sentinel = String(value)
            case "place":
                let fields = value.split(separator: " ", maxSplits: 3)
                guard fields.count == 4, let number = UInt64(fields[0]) else { return nil }
                places.append(
                    Place(
                        namespace: number, path: String(fields[3]), isOwn: fields[1] == "own", table: "",
                        hasBridge: fields[2] == "bridge", text: "", listing: ""))
            case "table", "t", "l":
                guard let last = places.indices.last else { return nil }
                switch key {
                case "table": places[last].table = String(value)
                case "t": places[last].text += value + "\n"
                default: places[last].listing += value + "\n"
                }
            default: return nil
            }
        }
        guard !name.isEmpty, process > 0, hostNamespace != 0, places.allSatisfy({ !$0.table.isEmpty }) else { return nil }
    }

    /// Whole lines, the empty ones too.
    private static func lines(_ text: String) -> [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    private static func split(_ line: Substring) -> (key: Substring, value: Substring) {
        guard let space = line.firstIndex(of: " ") else { return (line, "") }
        return (line[..<space], line[line.index(after: space)...])
    }

    private static func read<Number: FixedWidthInteger>(_ text: Substring, into number: inout Number) -> Bool {
        guard let read = Number(text) else { return false }
        number = read
        return true
    }

    private static func append<Number: FixedWidthInteger>(_ text: Substring, to list: inout [Number]) -> Bool {
        guard let read = Number(text) else { return false }
        list.append(read)
        return true
    }
}
