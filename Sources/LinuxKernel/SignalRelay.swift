internal import CLinux
internal import Glibc

/// The supervisor's signals: all of them wait to be read, so that none ends the gateway before the jail.
package enum SignalRelay {
    /// Must be called before the process has other threads: they inherit the mask.
    package static func block() throws(SystemCallError) {
        try SystemCallError.check(clinux_block_signals(), "block signals")
    }

    /// Passes signals to `jail` until it ends.
    ///
    /// - Returns: its exit code: the command's own, or 128 and the signal that ended it.
    package static func wait(for jail: Int32) throws(SystemCallError) -> Int32 {
        while true {
            var status: Int32 = 0
            // SAFETY: one number.
            let ended = unsafe waitpid(jail, &status, WNOHANG)
            if ended == jail {
                return clinux_exited(status) != 0 ? clinux_exit_status(status) : 128 + clinux_term_signal(status)
            }
            guard ended == 0 else { throw .last("wait for the jail") }
            var fromProcess: Int32 = 0
            // SAFETY: one number.
            let number = unsafe clinux_wait_signal(&fromProcess)
            try SystemCallError.check(number, "wait for a signal")
            // What the terminal sends reaches the command's process group by itself.
            if number != SIGCHLD, fromProcess != 0 { kill(jail, number) }
        }
    }
}
