/// How closely an allowed flow is looked at.
package enum Inspection: String, Sendable, Hashable {
    /// Intercepted and decrypted; every request is judged.
    case full
    /// Forwarded by the kernel; only explicit address rules.
    case direct
}
