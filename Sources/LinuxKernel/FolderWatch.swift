internal import CLinux
internal import Glibc

/// Hears of files that come to folders and go (inotify(7)).
package struct FolderWatch: ~Copyable, Sendable {
    package struct Event: Hashable, Sendable {
        package var folder: String
        package var name: String
        /// It is there now; else it is gone.
        package var hasCome: Bool
    }

    private let descriptor: Descriptor
    private var folders: [Int32: String] = [:]

    package init() throws(SystemCallError) {
        let number = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard number >= 0 else { throw .last("watch folders") }
        descriptor = Descriptor(owning: number)
    }

    package var pollDescriptor: Int32 { descriptor.number }

    /// - Parameter folder: must be there, and be one that the process may read now; later it need not.
    package mutating func add(_ folder: String) throws(SystemCallError) {
        guard !folders.values.contains(folder) else { return }
        let events = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        let number = unsafe inotify_add_watch(descriptor.number, folder, UInt32(events))
        guard number >= 0 else { throw .last("watch the folder \(folder)") }
        folders[number] = folder
    }

    /// Reads what there is, without waiting.
    ///
    /// - Returns: `nil` when more happened than the kernel has kept: look at everything.
    package func read() throws(SystemCallError) -> [Event]? {
        var events: [Event] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            // SAFETY: the kernel writes at most `count` bytes.
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor.number, $0.baseAddress, $0.count) }
            guard count > 0 else {
                guard errno == EAGAIN || errno == EINTR else { throw .last("hear of folders") }
                return events
            }
            // struct inotify_event: descriptor, mask, cookie and the name's length, four bytes each; the name, padded.
            var offset = 0
            while offset + 16 <= count {
                let folder = Int32(bitPattern: UInt32(littleEndianIn: buffer, at: offset))
                let mask = UInt32(littleEndianIn: buffer, at: offset + 4)
                let length = Int(UInt32(littleEndianIn: buffer, at: offset + 12))
                guard offset + 16 + length <= count else { break }
                if mask & UInt32(IN_Q_OVERFLOW) != 0 { return nil }
                if let folder = folders[folder] {
                    let name = buffer[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 }
                    events.append(
                        Event(
                            folder: folder, name: String(decoding: name, as: UTF8.self),
                            hasCome: mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0))
                }
                offset += 16 + length
            }
        }
    }
}
