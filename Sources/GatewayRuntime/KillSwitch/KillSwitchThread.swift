internal import Glibc
internal import LinuxKernel
internal import NIOPosix
internal import Synchronization

/// A thread of its own for the kill switch of a jail, whose main thread waits for the command.
enum KillSwitchThread {
    /// - Parameter make: called on the thread. When the switch fails the process ends, and the agent's traffic with it.
    static func start(_ parts: consuming sending KillSwitchParts, _ make: @escaping @Sendable (KillSwitchParts) -> KillSwitch) {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let handed = Mutex<KillSwitchParts?>(parts)
        pool.submit { _ in
            guard let parts = handed.withLock({ $0.take() }) else { return }
            do {
                _ = try make(parts).run()
            } catch {
                try? LineOutput.standardError.write("portcullis: \(error): the gateway stops, and its agents' traffic with it\n")
            }
            exit(125)
        }
    }
}
