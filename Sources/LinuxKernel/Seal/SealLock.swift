internal import CLinux
internal import Glibc

/// One at a time between `drop` and `raise`, so that neither undoes half of what the other does (flock(2)).
package struct SealLock: ~Copyable {
    /// -1 where the folder has no such file and can have none.
    private let number: Int32
    /// False when somebody else has it still.
    package let isHeld: Bool

    /// How long somebody else is waited for, in milliseconds.
    private static let patience = 2000

    /// Waits until nobody else has the lock, but not for ever: a `drop` does not depend on it.
    ///
    /// - Parameter folder: of the seal records.
    package init(_ folder: String) {
        let opened = try? Descriptor.open("\(folder)/.lock", O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600).release()
        number = opened ?? -1
        var isHeld = false
        for _ in 0..<Self.patience where number >= 0 && !isHeld {
            isHeld = flock(number, LOCK_EX | LOCK_NB) == 0
            if !isHeld { usleep(1000) }
        }
        self.isHeld = isHeld
    }

    deinit {
        if number >= 0 { close(number) }
    }

    /// Lets the next one in.
    package consuming func release() {}
}
