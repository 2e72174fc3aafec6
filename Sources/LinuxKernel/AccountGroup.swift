internal import Glibc

/// Groups of accounts, by name or number.
package enum AccountGroup {
    /// - Returns: `nil` where there is none of that name.
    package static func find(_ nameOrNumber: String) -> UInt32? {
        // SAFETY: the record points into static storage that is read before anything else runs; the process has one thread
        // here.
        if let record = unsafe getgrnam(nameOrNumber) { return unsafe record.pointee.gr_gid }
        return UInt32(nameOrNumber)
    }
}
