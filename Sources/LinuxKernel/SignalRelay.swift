internal import CLinux
internal import Glibc

/// The supervisor's signals: all of them wait to be read, so that none ends the gateway before the jail.
package enum SignalRelay {
    /// Must be called before the process has other threads: they inherit the mask.
    package static func block() throws(SystemCallError) {
        try SystemCallError.check(clinux_block_signals(), "block signals")
    }

    /// The next signal that comes within so many milliseconds, or 0.
    package static func next(within milliseconds: Int32) throws(SystemCallError) -> Int32 {
        let number = clinux_wait_signal_for(milliseconds)
        try SystemCallError.check(number, "wait for a signal")
        return number
    }

    /// Passes signals to `jail` until it ends, and stops with its command: an editor that puts itself into the background
    /// would otherwise leave the shell waiting, for it may not stop a process of root's.
    ///
    /// - Returns: its exit code: the command's own, or 128 and the signal that ended it.
    package static func wait(for process: borrowing JailProcess) throws(SystemCallError) -> Int32 {
        let jail = process.identifier
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
            // Where Ctrl-Z stopped both, the news of it is read when both go on: it is old then.
            if number == SIGCONT { _ = news(process) }
            if number == SIGIO, hasStopped(process) { stop() }
            // What the terminal sends reaches the command's process group by itself.
            if number != SIGCHLD, fromProcess != 0 { kill(jail, number) }
        }
    }

    private static func hasStopped(_ process: borrowing JailProcess) -> Bool {
        usleep(settlingMicroseconds)
        return news(process) == JailInit.stopped
    }

    /// The last that the init said of its command; 0 when it said nothing since it was asked.
    private static func news(_ process: borrowing JailProcess) -> UInt8 {
        var last: UInt8 = 0
        // SAFETY: one byte; the socket does not block.
        while unsafe read(process.stops.number, &last, 1) == 1 {}
        return last
    }

    /// For the init to hear that its command was stopped or continued; nobody notices.
    private static let settlingMicroseconds: UInt32 = 50_000

    /// Only in the terminal's foreground is there a shell that waits and will go on with us.
    private static func stop() {
        guard (Int32(0)...2).contains(where: { tcgetpgrp($0) == getpgrp() }) else { return }
        // Whoever continues this process means the command: SIGCONT is passed on like every signal.
        raise(SIGTSTP)
    }
}
