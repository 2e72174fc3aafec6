internal import NIOCore

/// The memory that a loop's connections write into: the kernel has taken the bytes by the time of the next write, as a
/// rule, and then they need no new memory. Confined to its loop.
final class SendMemory {
    private var spare = ByteBuffer()

    /// An empty buffer; new memory where the last one's bytes are still to be sent.
    func take(capacity: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &spare)
        buffer.clear(minimumCapacity: capacity)
        return buffer
    }

    func giveBack(_ buffer: ByteBuffer) {
        if buffer.capacity <= Limits.sendMemoryBytes { spare = buffer }
    }
}
