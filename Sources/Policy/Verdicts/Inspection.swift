/// How closely an allowed flow is looked at.
package enum Inspection: String, Sendable, Hashable {
    /// Intercepted and decrypted; every request is judged.
    case full
    /// Forwarded by the kernel once the server name of its first message is accepted; nothing behind that is read.
    case sni
    /// Forwarded by the kernel; only explicit address rules.
    case direct
}
