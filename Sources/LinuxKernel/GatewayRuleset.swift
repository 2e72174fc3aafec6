internal import CLinux
internal import CNetfilter
internal import Glibc
internal import Rulesets
package import WireFormats

/// Loads `nft/gateway.nft` into the thread's network namespace.
package struct GatewayRuleset: Sendable {
    package var agentLink: String
    package var agentV4: IPAddress
    package var agentV6: IPAddress
    package var interceptPort: UInt16
    package var directPort: UInt16
    package var queue: UInt16

    package init(
        agentLink: String, agentV4: IPAddress, agentV6: IPAddress, interceptPort: UInt16, directPort: UInt16,
        queue: UInt16
    ) {
        self.agentLink = agentLink
        self.agentV4 = agentV4
        self.agentV6 = agentV6
        self.interceptPort = interceptPort
        self.directPort = directPort
        self.queue = queue
    }

    /// Loads the table in one transaction, with the native queue statement where the kernel has it.
    ///
    /// Where it has not, the same text is loaded without it, which drops what it would queue; a second transaction then
    /// adds the xtables target. Between the two nothing passes.
    ///
    /// - Parameter statement: from ``kernelQueueStatement()``.
    package func load(_ statement: QueueStatement) throws(RulesetError) {
        switch statement {
        case .native: try run(Rulesets.gateway + Rulesets.judgeNative)
        case .xtables:
            try run(Rulesets.gateway)
            do { try addQueueTarget() } catch { throw .noQueue(error) }
        }
    }

    /// On one line, so that the compiler's line numbers are off by one only.
    private var definitions: String {
        [
            "agent_link = \(agentLink)", "agent4 = \(agentV4)", "agent6 = \(agentV6)",
            "intercept_port = \(interceptPort)", "direct_port = \(directPort)", "queue_number = \(queue)",
        ].map { "define \($0)" }.joined(separator: "; ") + "\n"
    }

    private func run(_ text: String) throws(RulesetError) {
        // SAFETY: the context is made and freed here; strings are NUL-terminated copies; the error buffer is copied
        // before the context goes.
        let failure: String? = {
            guard let context = unsafe nft_ctx_new(0) else { return "out of memory" }
            defer { unsafe nft_ctx_free(context) }
            unsafe nft_ctx_buffer_error(context)
            unsafe nft_ctx_buffer_output(context)
            guard unsafe nft_run_cmd_from_buffer(context, definitions + text) != 0 else { return nil }
            return unsafe String(cString: nft_ctx_get_error_buffer(context))
        }()
        if let failure { throw .refused(failure) }
    }

    private static let newTable = UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_NEWTABLE.rawValue)
    private static let newChain = UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_NEWCHAIN.rawValue)
    private static let newRule = UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_NEWRULE.rawValue)
    private static let deleteTable = UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_DELTABLE.rawValue)

    /// Which way to queue packets the kernel has. Where the native one is missing the kernel looks for a module first,
    /// which takes it longer than all of the table does.
    ///
    /// Offers a rule with the native expression in a table of its own, in the thread's network namespace, and takes the
    /// whole back in the same batch, so that nothing stays whatever the answer.
    package static func kernelQueueStatement() throws(SystemCallError) -> QueueStatement {
        let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        let table = "portcullis_probe"
        var message = NetlinkMessage()
        batch(&message) { batch in
            batch.begin(type: newTable, flags: NLM_F_REQUEST | NLM_F_CREATE)
            batch.append(generic(family: UInt8(NFPROTO_INET)))
            batch.attribute(UInt16(NFTA_TABLE_NAME.rawValue), string: table)
            batch.end()
            batch.begin(type: newChain, flags: NLM_F_REQUEST | NLM_F_CREATE)
            batch.append(generic(family: UInt8(NFPROTO_INET)))
            batch.attribute(UInt16(NFTA_CHAIN_TABLE.rawValue), string: table)
            batch.attribute(UInt16(NFTA_CHAIN_NAME.rawValue), string: "probe")
            batch.end()
            rule(&batch, table: table, chain: "probe", expression: "queue") { data in
                data.attribute(UInt16(NFTA_QUEUE_NUM.rawValue), native: UInt16(0).bigEndian)
                data.attribute(UInt16(NFTA_QUEUE_TOTAL.rawValue), native: UInt16(1).bigEndian)
            }
            batch.begin(type: deleteTable, flags: NLM_F_REQUEST)
            batch.append(generic(family: UInt8(NFPROTO_INET)))
            batch.attribute(UInt16(NFTA_TABLE_NAME.rawValue), string: table)
            batch.end()
        }
        do {
            try socket.transact(message, acknowledgements: 1, "probe for the queue statement")
            return .native
        } catch {
            if error.number == ENOENT { return .xtables }
            throw error
        }
    }

    /// `struct xt_NFQ_info_v3` (linux/netfilter/xt_NFQUEUE.h) as a compat expression at the end of chain `judge`.
    private func addQueueTarget() throws(SystemCallError) {
        let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        var message = NetlinkMessage()
        Self.batch(&message) { batch in
            Self.rule(&batch, table: "portcullis", chain: "judge", expression: "target") { data in
                data.attribute(UInt16(NFTA_TARGET_NAME.rawValue), string: "NFQUEUE")
                data.attribute(UInt16(NFTA_TARGET_REV.rawValue), native: UInt32(3).bigEndian)
                // Queue number, one queue, flags 0: no bypass. XT_ALIGN pads the structure to eight bytes.
                data.attribute(
                    UInt16(NFTA_TARGET_INFO.rawValue),
                    [UInt8(queue & 255), UInt8(queue >> 8), 1, 0, 0, 0, 0, 0])
            }
        }
        try socket.transact(message, acknowledgements: 1, "add the NFQUEUE target")
    }

    private static func rule(
        _ batch: inout NetlinkMessage, table: String, chain: String, expression: String,
        data: (inout NetlinkMessage) -> Void
    ) {
        batch.begin(type: newRule, flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND)
        batch.append(generic(family: UInt8(NFPROTO_INET)))
        batch.attribute(UInt16(NFTA_RULE_TABLE.rawValue), string: table)
        batch.attribute(UInt16(NFTA_RULE_CHAIN.rawValue), string: chain)
        batch.nested(UInt16(NFTA_RULE_EXPRESSIONS.rawValue) | UInt16(NLA_F_NESTED)) { list in
            list.nested(UInt16(NFTA_LIST_ELEM.rawValue) | UInt16(NLA_F_NESTED)) { element in
                element.attribute(UInt16(NFTA_EXPR_NAME.rawValue), string: expression)
                element.nested(UInt16(NFTA_EXPR_DATA.rawValue) | UInt16(NLA_F_NESTED), data)
            }
        }
        batch.end()
    }

    private static func batch(_ message: inout NetlinkMessage, _ body: (inout NetlinkMessage) -> Void) {
        message.begin(type: UInt16(NFNL_MSG_BATCH_BEGIN), flags: NLM_F_REQUEST)
        message.append([UInt8(AF_UNSPEC), 0, 0, UInt8(NFNL_SUBSYS_NFTABLES)])
        message.end()
        body(&message)
        message.begin(type: UInt16(NFNL_MSG_BATCH_END), flags: NLM_F_REQUEST)
        message.append([UInt8(AF_UNSPEC), 0, 0, UInt8(NFNL_SUBSYS_NFTABLES)])
        message.end()
    }

    private static func generic(family: UInt8) -> [UInt8] { [family, 0, 0, 0] }
}
