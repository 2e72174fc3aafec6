internal import CLinux
internal import Glibc

/// A descriptor kept open for the moment when no other is to be had.
package struct SpareDescriptor: ~Copyable {
    private var number: Int32

    package init() {
        // SAFETY: a constant path. Without it there is no spare; refusing then waits until a descriptor is free.
        number = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    deinit {
        if number >= 0 { close(number) }
    }

    /// Takes the first connection that waits at `listener` and resets it.
    package mutating func refuseOne(from listener: Int32) {
        if number >= 0 { close(number) }
        let connection = clinux_accept(listener)
        if connection >= 0 {
            var linger = linger(l_onoff: 1, l_linger: 0)
            // SAFETY: the structure and its size belong together.
            _ = unsafe setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            close(connection)
        }
        // SAFETY: as in init.
        number = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    }
}

extension SystemCallError {
    /// Out of descriptors, in the process or the system.
    package var isDescriptorShortage: Bool { number == EMFILE || number == ENFILE }
}
