internal import Glibc

/// The account that the service runs as. What its sockets send is the gateway's own, so nobody else may have it.
package struct GatewayAccount: Hashable, Sendable {
    package var user: UInt32
    package var group: UInt32

    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }

    /// The name of the account that an installation makes for it.
    package static let name = "portcullis"

    /// The account `portcullis`; without one, a number that no account has.
    package static func find() -> GatewayAccount {
        if let account = JailUser.find(name) {
            return GatewayAccount(user: account.identifier, group: account.group)
        }
        // Debian hands out numbers from 60000 up one by one, to packages (Debian Policy 9.2.2).
        var number: UInt32 = 64_853
        // SAFETY: only whether there is a record is asked; the process has one thread here.
        while unsafe getpwuid(number) != nil { number -= 1 }
        return GatewayAccount(user: number, group: number)
    }
}
