internal import GatewayCore
internal import LinuxKernel
internal import WireFormats

/// The JSON files of a bundle. Texts that an agent chooses are bounded and escaped by the writer.
extension EvidenceFacts {
    /// `processes.json`
    var processesJSON: JSONText {
        list("processes", processes) { owned, json in
            let process = owned.process
            json.member("pid", process.process)
            json.member("ppid", process.parent)
            json.member("start", process.start)
            write(owned.owner, to: &json)
            json.member("uid", process.realUser)
            json.member("euid", process.effectiveUser)
            json.member("state", String(process.state))
            json.member("comm", process.name)
            json.member("threads", process.threads)
            json.member("cgroup", process.cgroup)
            json.member("process_namespace", process.processNamespace)
            json.member("network_namespace", process.networkNamespace)
            guard let details = process.details else { return }
            json.member("exe", details.executable)
            // A title that somebody wrote over the first word may hold anything.
            json.member("argv0", details.program.map { PathRedaction.redacted("/" + $0).map { String($0.dropFirst()) } ?? $0 })
            json.member("arguments", details.argumentCount)
            if details.hasMoreArguments { json.member("has_more_arguments", true) }
            json.key("sockets")
            json.beginArray()
            for inode in details.sockets { json.number(inode) }
            json.endArray()
            if details.hasMoreDescriptors { json.member("has_more_descriptors", true) }
        }
    }

    /// `sockets.json`
    var socketsJSON: JSONText {
        var json = list("sockets", sockets, isOpen: true) { owned, json in
            let socket = owned.socket
            json.member("network_namespace", owned.namespace)
            write(owned.owner, to: &json)
            json.member("protocol", socket.kind.rawValue)
            json.member("state", socket.kind == .tcp ? socket.stateName : nil)
            json.member("local", SocketAddress(socket.local, port: socket.localPort).description)
            json.member("remote", SocketAddress(socket.remote, port: socket.remotePort).description)
            json.member("uid", socket.user)
            json.member("inode", socket.inode)
            json.key("pids")
            json.beginArray()
            for holder in owned.holders { json.number(holder) }
            json.endArray()
            json.member("mark", socket.mark.map(Self.hexadecimal))
            json.member("cgroup_id", socket.cgroup)
            json.member("receive_queue", socket.receiveQueue)
            json.member("send_queue", socket.sendQueue)
        }
        json.key("unix")
        json.beginArray()
        for count in unixCounts {
            json.beginObject()
            json.member("network_namespace", count.namespace)
            json.member("all", count.all)
            json.member("of_these_processes", count.owned)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        json.endLine()
        return json
    }

    /// `conntrack.json`: what connection tracking says, flow by flow.
    var conntrackJSON: JSONText {
        list("flows", flows) { owned, json in
            let flow = owned.flow
            json.member("network_namespace", owned.namespace)
            write(owned.owner, to: &json)
            write("original", flow.original, flow.originalCounters, to: &json)
            if let reply = flow.reply { write("reply", reply, flow.replyCounters, to: &json) }
            json.member("mark", Self.hexadecimal(flow.mark))
            json.member("tcp_state", flow.tcpStateName)
            json.key("status")
            json.beginArray()
            for name in flow.statusNames { json.string(name) }
            json.endArray()
            json.member("timeout_seconds", flow.timeoutSeconds)
        }
    }

    /// `flows.json`: the same flows as people ask for them: who talks to whom, and what the gateway decided.
    var flowsJSON: JSONText {
        let ends = Dictionary(grouping: sockets, by: \.namespace).mapValues(SocketEnds.init)
        let names = Dictionary(processes.map { ($0.process.process, $0.process.name) }, uniquingKeysWith: { first, _ in first })
        return list("flows", flows) { owned, json in
            let flow = owned.flow
            let original = flow.original
            write(owned.owner, to: &json)
            json.member("protocol", Self.protocolName(original.protocolNumber))
            json.member("from", Self.end(original.source, original.sourcePort))
            json.member("to", Self.end(original.destination, original.destinationPort))
            if let reply = flow.reply, reply.source != original.destination || reply.sourcePort != original.destinationPort {
                json.member("answered_by", Self.end(reply.source, reply.sourcePort))
            }
            json.member("verdict", Self.verdict(flow.mark))
            json.member("state", flow.tcpStateName)
            json.member("sent_bytes", flow.originalCounters?.bytes)
            json.member("received_bytes", flow.replyCounters?.bytes)
            json.key("processes")
            json.beginArray()
            for holder in ends[owned.namespace]?.socket(original)?.holders ?? [] {
                json.beginObject()
                json.member("pid", holder)
                json.member("comm", names[holder])
                json.endObject()
            }
            json.endArray()
            json.member("network_namespace", owned.namespace)
        }
    }

    /// What the gateway decided about a flow; `nil` for one that is not marked.
    static func verdict(_ mark: UInt32) -> String? {
        guard mark & FlowMark.prefixMask == FlowMark.prefix, let verdict = FlowMark(rawValue: mark & ~0xff00) else { return nil }
        return "\(verdict)"
    }

    static func hexadecimal(_ mark: UInt32) -> String {
        let digits = String(mark, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    private static func protocolName(_ number: UInt8) -> String {
        switch number {
        case 1: "icmp"
        case 6: "tcp"
        case 17: "udp"
        case 58: "icmpv6"
        case 132: "sctp"
        default: "\(number)"
        }
    }

    private static func end(_ address: IPAddress, _ port: UInt16?) -> String {
        port.map { SocketAddress(address, port: $0).description } ?? address.description
    }

    private func write(
        _ name: String, _ tuple: ConntrackEntry.Tuple, _ counters: ConntrackEntry.Counters?, to json: inout JSONText
    ) {
        json.key(name)
        json.beginObject()
        json.member("protocol", tuple.protocolNumber)
        json.member("source", tuple.source.description)
        json.member("source_port", tuple.sourcePort)
        json.member("destination", tuple.destination.description)
        json.member("destination_port", tuple.destinationPort)
        json.member("packets", counters?.packets)
        json.member("bytes", counters?.bytes)
        json.endObject()
    }

    private func write(_ owner: Owner, to json: inout JSONText) {
        json.key("agents")
        json.beginArray()
        for agent in owner.agents { json.string(agent) }
        json.endArray()
        json.member("side", owner.isGateway ? "gateway" : "agent")
    }

    /// - Parameter isOpen: true to leave the object open for more.
    private func list<Element>(
        _ name: String, _ elements: [Element], isOpen: Bool = false, _ write: (Element, inout JSONText) -> Void
    ) -> JSONText {
        var json = JSONText(stringLimitBytes: EvidenceLimits.stringBytes)
        json.beginObject()
        json.key(name)
        json.beginArray()
        for element in elements {
            json.beginObject()
            write(element, &json)
            json.endObject()
        }
        json.endArray()
        guard !isOpen else { return json }
        json.endObject()
        json.endLine()
        return json
    }
}

extension JSONText {
    mutating func member(_ name: String, _ value: (some FixedWidthInteger)?) {
        key(name)
        if let value { number(value) } else { null() }
    }
}
