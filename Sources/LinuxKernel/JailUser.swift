internal import CLinux
internal import Glibc

/// The account a jailed command runs as.
package struct JailUser: Hashable, Sendable {
    package var identifier: UInt32
    package var group: UInt32
    package var supplementaryGroups: [UInt32]
    package var name: String
    package var home: String
    package var shell: String

    /// Looks an account up by name or number; a number without an account is taken as it is.
    package static func find(_ nameOrNumber: String) -> JailUser? {
        // SAFETY: the record points into static storage that is copied before anything else runs; the process has one
        // thread here.
        if let record = unsafe getpwnam(nameOrNumber) {
            return unsafe JailUser(record.pointee)
        }
        guard let number = UInt32(nameOrNumber) else { return nil }
        return find(number)
    }

    package static func find(_ identifier: UInt32) -> JailUser {
        // SAFETY: as above.
        if let record = unsafe getpwuid(identifier) {
            return unsafe JailUser(record.pointee)
        }
        return JailUser(
            identifier: identifier, group: identifier, supplementaryGroups: [], name: "\(identifier)", home: "/",
            shell: "/bin/sh")
    }

    private init(_ record: passwd) {
        // SAFETY: getpwnam and getpwuid give NUL-terminated strings.
        unsafe self.init(
            identifier: record.pw_uid, group: record.pw_gid,
            supplementaryGroups: Self.groups(of: record.pw_name, primary: record.pw_gid),
            name: String(cString: record.pw_name), home: String(cString: record.pw_dir),
            shell: String(cString: record.pw_shell))
    }

    private init(
        identifier: UInt32, group: UInt32, supplementaryGroups: [UInt32], name: String, home: String, shell: String
    ) {
        self.identifier = identifier
        self.group = group
        self.supplementaryGroups = supplementaryGroups
        self.name = name
        self.home = home
        self.shell = shell
    }

    private static func groups(of name: UnsafePointer<CChar>, primary: UInt32) -> [UInt32] {
        var count: Int32 = 256
        var list = [UInt32](repeating: 0, count: Int(count))
        // SAFETY: the array holds `count` numbers.
        guard unsafe getgrouplist(name, primary, &list, &count) >= 0 else { return [primary] }
        return Array(list.prefix(Int(count)))
    }
}
