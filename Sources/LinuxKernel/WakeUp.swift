internal import CLinux
internal import Glibc

/// Wakes a thread that waits in poll(2) from another (eventfd(2)).
package struct WakeUp: ~Copyable, Sendable {
    private let descriptor: Descriptor

    package init() throws(SystemCallError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else { throw .last("open an event counter") }
        descriptor = Descriptor(owning: number)
    }

    package var pollDescriptor: Int32 { descriptor.number }

    /// Makes the descriptor readable until ``clear()``. Rings that are not heard yet count as one.
    package func ring() {
        var one: UInt64 = 1
        // SAFETY: eight bytes, as the counter takes. It cannot fail short of 2^64 rings.
        _ = unsafe write(descriptor.number, &one, MemoryLayout<UInt64>.size)
    }

    package func clear() {
        var count: UInt64 = 0
        // SAFETY: as above; without a ring there is nothing to read, and nothing to do.
        _ = unsafe read(descriptor.number, &count, MemoryLayout<UInt64>.size)
    }
}
