internal import GatewayCore
internal import Synchronization

/// The pins, shared by the packets thread that writes them and the proxy's loops that read them.
final class PinStore: Sendable {
    private let table = Mutex(PinTable())

    func read<Result>(_ body: (borrowing PinTable) -> Result) -> Result where Result: Sendable {
        table.withLock { body($0) }
    }

    func update<Result>(_ body: (inout PinTable) -> Result) -> Result where Result: Sendable {
        table.withLock { body(&$0) }
    }
}
