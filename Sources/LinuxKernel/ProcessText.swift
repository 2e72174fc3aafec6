/// Reads the texts of `/proc/PID`, parts of which the process itself writes: its name may hold brackets, spaces, line feeds
/// and what looks like other fields.
enum ProcessText {
    /// What is used of `/proc/PID/stat` (proc_pid_stat(5)).
    struct Stat: Hashable {
        var name: String
        var state: Character
        var parent: Int32
        var threads: Int
        var start: UInt64
        var isKernelThread: Bool
    }

    /// - Returns: `nil` for what is no such line.
    static func stat(_ bytes: [UInt8]) -> Stat? {
        // NUMBER (NAME) STATE PARENT …: no bracket follows the name's own.
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")), let close = bytes.lastIndex(of: UInt8(ascii: ")")),
            open < close
        else { return nil }
        let fields = bytes[(close + 1)...].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
            .map { String(decoding: $0, as: UTF8.self) }
        // Field 3 of the manual, the state, is the first here; PF_KTHREAD is 0x200000 (include/linux/sched.h).
        guard fields.count > 19, fields[0].utf8.count == 1, let state = fields[0].first, let parent = Int32(fields[1]),
            let flags = UInt64(fields[6]), let threads = Int(fields[17]), let start = UInt64(fields[19])
        else { return nil }
        return Stat(
            name: String(decoding: bytes[(open + 1)..<close], as: UTF8.self), state: state, parent: parent,
            threads: threads, start: start, isKernelThread: flags & 0x20_0000 != 0)
    }

    /// Real and effective user, from the beginning of `/proc/PID/status`, where the kernel escapes line feeds of the name.
    static func users(_ bytes: [UInt8]) -> (real: UInt32, effective: UInt32)? {
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Uid:".utf8) {
            let fields = line.split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            // A line that is cut short has fewer than the four.
            guard fields.count == 5, let real = UInt32(String(decoding: fields[1], as: UTF8.self)),
                let effective = UInt32(String(decoding: fields[2], as: UTF8.self))
            else { return nil }
            return (real, effective)
        }
        return nil
    }

    /// The group of the unified hierarchy, from `/proc/PID/cgroup` (cgroups(7)), without slashes at its ends.
    static func cgroup(_ bytes: [UInt8]) -> String? {
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "0::/".utf8) {
            return String(decoding: line.dropFirst("0::/".utf8.count), as: UTF8.self)
        }
        return nil
    }

    /// The number of links like `net:[4026531840]` and `socket:[12345]`.
    static func number(in link: [UInt8], kind: String) -> UInt64? {
        let start = Array("\(kind):[".utf8)
        guard link.starts(with: start), link.last == UInt8(ascii: "]") else { return nil }
        let digits = link.dropFirst(start.count).dropLast()
        guard !digits.isEmpty, digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }

    /// The program's name, from the first bytes of a command line: nothing behind its first blank leaves this function.
    static func program(_ bytes: [UInt8]) -> String? {
        let first = bytes.prefix { $0 != 0 && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\n") }
        return first.isEmpty ? nil : String(decoding: first, as: UTF8.self)
    }
}
