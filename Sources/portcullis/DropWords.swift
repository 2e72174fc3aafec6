internal import GatewayRuntime

/// The plain spelling of `drop`, read without the command line's parser, which takes longer to start than the cut: every
/// millisecond of it would be packets. What is spelled otherwise, or asks for help, goes to ``DropCommand``.
struct DropWords {
    private let invocation: DropInvocation

    init?(_ arguments: [String]) {
        guard arguments.count > 2, arguments[1] == "drop" else { return nil }
        var agent: String?
        var isAll = false
        var reason: String?
        var processes = DropInvocation.Processes.leave
        var isJSON = false
        var index = 2
        func value() -> String? {
            index += 1
            guard index < arguments.count, !arguments[index].hasPrefix("-") else { return nil }
            return arguments[index]
        }
        while index < arguments.count {
            switch arguments[index] {
            case "--agent":
                guard agent == nil, let name = value() else { return nil }
                agent = name
            case "--reason":
                guard reason == nil, let text = value(), !text.allSatisfy(\.isWhitespace) else { return nil }
                reason = text
            case "--all": isAll = true
            case "--freeze" where processes != .kill: processes = .freeze
            case "--kill" where processes != .freeze: processes = .kill
            case "--json": isJSON = true
            default: return nil
            }
            index += 1
        }
        guard let reason, isAll == (agent == nil) else { return nil }
        invocation = DropInvocation(agent: agent, reason: reason, processes: processes, isJSON: isJSON)
    }

    func perform() -> Int32 { invocation.perform(fail: { Message.fail($0) }, print: { Message.print($0) }) }
}
