internal import CLinux

/// The service manager that started the process, if any (sd_notify(3)).
package enum ServiceManager {
    /// Says that the service is up. Whoever is not listening has not asked.
    package static func ready(status: String) { tell("READY=1\nSTATUS=\(status)\n") }

    package static func stopping() { tell("STOPPING=1\n") }

    private static func tell(_ text: String) {
        guard let path = ProcessSettings.environment("NOTIFY_SOCKET") else { return }
        // SAFETY: both are NUL-terminated copies for the length of the call.
        _ = unsafe clinux_notify(path, text)
    }
}
