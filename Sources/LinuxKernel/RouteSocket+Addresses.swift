internal import CLinux
internal import Glibc
package import WireFormats

extension RouteSocket {
    /// An address of an interface.
    package struct InterfaceAddress: Hashable, Sendable {
        package var index: Int32
        package var address: IPAddress
        /// In bits.
        package var prefixLength: UInt8
    }

    /// Every address of the namespace that the socket was opened in.
    package func addresses() throws(SystemCallError) -> [InterfaceAddress] {
        var message = NetlinkMessage()
        message.begin(type: UInt16(RTM_GETADDR), flags: NLM_F_REQUEST | NLM_F_DUMP)
        message.append([UInt8](repeating: 0, count: 8))
        message.end()
        return try socket.dump(message, "list the addresses").compactMap(Self.address)
    }

    /// - Parameter message: `struct nlmsghdr`, `struct ifaddrmsg`: family, prefix, flags, scope, index; attributes.
    static func address(_ message: [UInt8]) -> InterfaceAddress? {
        guard message.count >= 24 else { return nil }
        let family: IPAddress.Family
        switch Int32(message[16]) {
        case AF_INET: family = .v4
        case AF_INET6: family = .v6
        default: return nil
        }
        var local: IPAddress?
        var other: IPAddress?
        NetlinkSocket.forEachAttribute(of: message, from: 24, to: message.count) { type, range in
            guard range.count == (family == .v4 ? 4 : 16) else { return }
            let address = IPAddress(family, in: message.span, at: range.lowerBound)
            // Of a point-to-point link IFA_ADDRESS is the other end's; without IFA_LOCAL it is this one's.
            if Int(type) == Int(IFA_LOCAL) { local = address }
            if Int(type) == Int(IFA_ADDRESS) { other = address }
        }
        guard let address = local ?? other else { return nil }
        return .init(
            index: Int32(bitPattern: UInt32(littleEndianIn: message, at: 20)), address: address, prefixLength: message[17])
    }
}
