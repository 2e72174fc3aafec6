internal import GatewayCore
internal import LinuxKernel
internal import Synchronization

/// What other threads want of the kill switch. They never wait for it; what matters they have stopped themselves.
final class SealOrders: Sendable {
    enum Order: Sendable {
        /// - Parameter agent: `nil` for everybody.
        case seal(AgentID?, SealCause)
        case raise(AgentID?, SealCause)
        /// - Parameter seconds: until the next one is due, at most the policy's.
        case heartbeat(seconds: UInt64?)
    }

    private let waiting = Mutex<[Order]>([])
    private let bell: WakeUp

    /// More than anybody means: the rest says the same.
    private static let limit = 1024

    init() throws(SystemCallError) { bell = try WakeUp() }

    var pollDescriptor: Int32 { bell.pollDescriptor }

    /// - Returns: false when so many wait that this one is not taken. A seal is: it is among those that wait.
    @discardableResult
    func post(_ order: Order) -> Bool {
        let isTaken = waiting.withLock { orders in
            guard orders.count < Self.limit else { return false }
            orders.append(order)
            return true
        }
        bell.ring()
        return isTaken
    }

    func takeAll() -> [Order] {
        bell.clear()
        return waiting.withLock { orders in
            defer { orders = [] }
            return orders
        }
    }
}
