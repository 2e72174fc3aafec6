internal import CLinux
internal import Glibc

/// Marks on the sockets of guarded users, which the ruleset knows them by: set when a socket is made, by the user who
/// started the process. A set-user-ID program sends as somebody else, and is its caller all the same.
package enum SocketTag {
    /// - Parameter scopes: those of users are taken.
    /// - Throws: when the kernel has no such programs, or no unified cgroup hierarchy is mounted.
    package static func apply(_ scopes: [HostRuleset.Scope]) throws(SystemCallError) {
        var users: [UInt32] = []
        var marks: [UInt32] = []
        for scope in scopes {
            guard let user = scope.match.user else { continue }
            users.append(user)
            marks.append(scope.mark(5))
        }
        let root = try root()
        if users.isEmpty {
            try SystemCallError.check(clinux_untag_sockets(root.number, 0), "unmark the users' sockets")
        } else {
            // SAFETY: both arrays hold `count` numbers for the length of the call.
            let result = unsafe clinux_tag_sockets(root.number, users, marks, UInt32(users.count))
            try SystemCallError.check(result, "mark the users' sockets")
        }
    }

    /// Marks a user's sockets in the thread's network namespace and takes that back, to see whether it works.
    package static func probe() throws(SystemCallError) {
        try apply([HostRuleset.Scope(number: 1, match: .user(65_534), queue: 0, listenerPort: 0)])
        try remove()
    }

    package static func remove() throws(SystemCallError) {
        let root = try root()
        try SystemCallError.check(clinux_untag_sockets(root.number, 0), "unmark the users' sockets")
    }

    private static func root() throws(SystemCallError) -> Descriptor {
        try Descriptor.open(CgroupPath.hierarchy(), O_RDONLY | O_DIRECTORY)
    }
}
