internal import CLinux
internal import Glibc

extension RouteSocket {
    /// Every interface of the namespace that the socket was opened in.
    package func links() throws(SystemCallError) -> [NetworkLink] {
        var message = NetlinkMessage()
        message.begin(type: UInt16(RTM_GETLINK), flags: NLM_F_REQUEST | NLM_F_DUMP)
        message.append([UInt8](repeating: 0, count: 16))
        message.end()
        return try socket.dump(message, "list the interfaces").compactMap(Self.link)
    }

    /// The number that this namespace has for another one.
    ///
    /// - Parameter namespace: a descriptor of it.
    /// - Returns: `nil` when it has none: no interface of this namespace leads there.
    package func number(of namespace: borrowing Descriptor) throws(SystemCallError) -> Int32? {
        var message = NetlinkMessage()
        message.begin(type: UInt16(RTM_GETNSID), flags: NLM_F_REQUEST)
        message.append([0, 0, 0, 0])
        message.attribute(UInt16(NETNSA_FD), native: UInt32(bitPattern: namespace.number))
        message.end()
        let replies = try socket.dump(message, "look up a network namespace", isOneReply: true)
        guard let reply = replies.first else { return nil }
        var number: Int32?
        NetlinkSocket.forEachAttribute(of: reply, from: 16 + 4, to: reply.count) { type, range in
            if type == UInt16(NETNSA_NSID), range.count == 4 {
                number = Int32(bitPattern: UInt32(littleEndianIn: reply, at: range.lowerBound))
            }
        }
        // NETNSA_NSID_NOT_ASSIGNED
        return number == -1 ? nil : number
    }

    private static func link(_ message: [UInt8]) -> NetworkLink? {
        // struct nlmsghdr, struct ifinfomsg: family, type, index, flags, change.
        guard message.count >= 32 else { return nil }
        var link = NetworkLink(index: Int32(bitPattern: UInt32(littleEndianIn: message, at: 20)), name: "")
        link.isUp = UInt32(littleEndianIn: message, at: 24) & UInt32(IFF_UP) != 0
        NetlinkSocket.forEachAttribute(of: message, from: 32, to: message.count) { type, range in
            func number() -> Int32? {
                range.count == 4 ? Int32(bitPattern: UInt32(littleEndianIn: message, at: range.lowerBound)) : nil
            }
            switch Int(type) {
            case Int(IFLA_IFNAME): link.name = text(message[range])
            case Int(IFLA_LINK): link.peer = number()
            case Int(IFLA_MASTER): link.master = number()
            case Int(IFLA_LINK_NETNSID): link.peerNamespace = number()
            case Int(IFLA_LINKINFO):
                NetlinkSocket.forEachAttribute(of: message, from: range.lowerBound, to: range.upperBound) { type, inner in
                    if Int(type) == Int(IFLA_INFO_KIND) { link.kind = text(message[inner]) }
                }
            default: break
            }
        }
        return link
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
