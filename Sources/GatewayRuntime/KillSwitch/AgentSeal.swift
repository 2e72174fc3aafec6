internal import Synchronization

/// What the roles of one agent's gateway know of its seal.
final class AgentSeal: Sendable {
    /// The mark of every socket that the gateway has on the agent's behalf: by it they are found and cut, whoever holds them.
    let servedMark: UInt32
    private let sealed = Atomic(false)

    init(servedMark: UInt32) {
        self.servedMark = servedMark
    }

    /// While it is true no accept verdict is given, no server dialled and no resolver asked. The kernel's own seal holds
    /// whatever is read here.
    var isSealed: Bool {
        get { sealed.load(ordering: .acquiring) }
        set { sealed.store(newValue, ordering: .releasing) }
    }
}

extension AgentSeal {
    /// Of an agent of `up`: other bits than any verdict's (0x5043).
    static func mark(ofServiceAgent number: UInt32) -> UInt32 { 0x5045_0000 | number & 0xffff }

    /// Of a jail: by its gateway's process, but for the bits that other programs test by themselves (0x4000 and 0x8000 are
    /// Kubernetes'). Two jails that share one are told apart by who holds the sockets.
    static func mark(ofJailOf process: Int32) -> UInt32 { 0x5044_0000 | UInt32(bitPattern: process) & 0x3fff }
}
