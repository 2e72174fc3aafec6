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

    static func open() throws(SystemCallError) -> Listeners {
        var entries: [Entry] = []
        for family in [IPAddress.Family.v4, .v6] {
            for isDirect in [false, true] {
                let descriptor = try TransparentListener.open(
                    family, port: isDirect ? Limits.directPort : Limits.interceptPort, backlog: Limits.listenBacklog)
                entries.append(Entry(descriptor: descriptor.release(), family: family, isDirect: isDirect))
            }
        }
        return Listeners(entries: entries)
    }
}
