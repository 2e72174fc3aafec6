internal import LinuxKernel

/// Where, when and by whom a bundle is made.
package struct EvidenceMaker: Hashable, Sendable {
    package var host: String
    package var kernel: String
    package var bootIdentifier: String
    /// Since 1970.
    package var wallNanoseconds: UInt64
    package var uptimeSeconds: String
    package var user: UInt32
    /// The account that called sudo; as much to be believed as root is.
    package var sudoUser: String?
    /// The account that logged in, as the kernel's audit keeps it; `nil` where nobody did.
    package var loginUser: UInt32?

    /// Of the calling process, now.
    package init() {
        host = Self.line("/proc/sys/kernel/hostname")
        kernel = Self.line("/proc/sys/kernel/osrelease") + " " + Self.line("/proc/sys/kernel/version")
        bootIdentifier = Self.line("/proc/sys/kernel/random/boot_id")
        wallNanoseconds = MonotonicClock.wallNanoseconds
        uptimeSeconds = Self.line("/proc/uptime").split(separator: " ").first.map(String.init) ?? ""
        user = ProcessSettings.userIdentifier
        sudoUser = ProcessSettings.environment("SUDO_USER")
        // (uid_t)-1 is nobody.
        loginUser = UInt32(Self.line("/proc/self/loginuid")).flatMap { $0 == .max ? nil : $0 }
    }

    /// Empty for a file that cannot be read.
    private static func line(_ path: String) -> String {
        guard let bytes = try? FileText.read(path, limit: 4096) else { return "" }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
