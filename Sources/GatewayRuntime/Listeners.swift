internal import Glibc
internal import LinuxKernel
internal import WireFormats

/// The transparent listeners, opened in the gateway's namespace and served from the host's.
struct Listeners {
    struct Entry {
        var descriptor: Int32
        var family: IPAddress.Family
        /// Relayed unread rather than read.
        var isDirect: Bool
    }

    var entries: [Entry]

    static func open(mark: UInt32) throws(SystemCallError) -> Listeners {
        var entries: [Entry] = []
        for family in [IPAddress.Family.v4, .v6] {
            for isDirect in [false, true] {
                let descriptor = try TransparentListener.open(
                    family, port: isDirect ? Limits.directPort : Limits.interceptPort, backlog: Limits.listenBacklog,
                    mark: mark)
                entries.append(Entry(descriptor: descriptor.release(), family: family, isDirect: isDirect))
            }
        }
        return Listeners(entries: entries)
    }

    /// Opens the interception's listeners on one port of both families that is free: in a namespace where others listen.
    ///
    /// - Returns: the listeners and their port.
    static func openAnywhere(mark: UInt32) throws(SystemCallError) -> (listeners: Listeners, port: UInt16) {
        var failure = SystemCallError("find a free port", number: EADDRINUSE)
        for _ in 0..<64 {
            let v4 = try TransparentListener.open(.v4, port: 0, backlog: Limits.listenBacklog, mark: mark)
            let port = try TransparentListener.port(of: v4)
            do {
                let v6 = try TransparentListener.open(.v6, port: port, backlog: Limits.listenBacklog, mark: mark)
                let entries = [
                    Entry(descriptor: v4.release(), family: .v4, isDirect: false),
                    Entry(descriptor: v6.release(), family: .v6, isDirect: false),
                ]
                return (Listeners(entries: entries), port)
            } catch {
                // Somebody has the port in the other family.
                guard error.number == EADDRINUSE else { throw error }
                failure = error
            }
        }
        throw failure
    }
}
