internal import CLinux
internal import Glibc

/// The rule that hands packets to a queue: which way the kernel has, and that of the xtables target, which the ruleset
/// compiler cannot write.
package enum QueueTarget {
    /// Which way to queue packets the kernel has. Where the native one is missing the kernel looks for a module first,
    /// which takes it longer than all of the table does.
    ///
    /// Offers a rule with the native expression in a table of its own, in the thread's network namespace, and takes the
    /// whole back in the same batch, so that nothing stays whatever the answer.
    package static func kernelQueueStatement() throws(SystemCallError) -> QueueStatement {
        let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        let table = "portcullis_probe"
        var message = NetlinkMessage()
        message.transaction { batch in
            batch.begin(type: .newTable, flags: NLM_F_REQUEST | NLM_F_CREATE)
            batch.family(NFPROTO_INET)
            batch.attribute(UInt16(NFTA_TABLE_NAME.rawValue), string: table)
            batch.end()
            batch.begin(type: .newChain, flags: NLM_F_REQUEST | NLM_F_CREATE)
            batch.family(NFPROTO_INET)
            batch.attribute(UInt16(NFTA_CHAIN_TABLE.rawValue), string: table)
            batch.attribute(UInt16(NFTA_CHAIN_NAME.rawValue), string: "probe")
            batch.end()
            rule(&batch, table: table, chain: "probe", expression: "queue") { data in
                data.attribute(UInt16(NFTA_QUEUE_NUM.rawValue), native: UInt16(0).bigEndian)
                data.attribute(UInt16(NFTA_QUEUE_TOTAL.rawValue), native: UInt16(1).bigEndian)
            }
            batch.begin(type: .deleteTable, flags: NLM_F_REQUEST)
            batch.family(NFPROTO_INET)
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

    /// Ends each chain of table `inet portcullis` with the xtables target, in one transaction.
    ///
    /// `struct xt_NFQ_info_v3` (linux/netfilter/xt_NFQUEUE.h) as a compat expression.
    static func add(_ rules: [(chain: String, queue: UInt16)]) throws(RulesetError) {
        do {
            let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
            var message = NetlinkMessage()
            message.transaction { batch in
                for (chain, queue) in rules {
                    rule(&batch, table: "portcullis", chain: chain, expression: "target") { data in
                        data.attribute(UInt16(NFTA_TARGET_NAME.rawValue), string: "NFQUEUE")
                        data.attribute(UInt16(NFTA_TARGET_REV.rawValue), native: UInt32(3).bigEndian)
                        // Queue number, one queue, flags 0: no bypass. XT_ALIGN pads the structure to eight bytes.
                        data.attribute(
                            UInt16(NFTA_TARGET_INFO.rawValue),
                            [UInt8(queue & 255), UInt8(queue >> 8), 1, 0, 0, 0, 0, 0])
                    }
                }
            }
            try socket.transact(message, acknowledgements: rules.count, "add the NFQUEUE target")
        } catch {
            throw .noQueue(error)
        }
    }

    private static func rule(
        _ batch: inout NetlinkMessage, table: String, chain: String, expression: String,
        data: (inout NetlinkMessage) -> Void
    ) {
        batch.begin(type: .newRule, flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND)
        batch.family(NFPROTO_INET)
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
}
