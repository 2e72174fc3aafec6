/// What outlives daemon and machine: seals, who was guarded, the journal, the certificate authority.
package enum StateFolder {
    package static let path = "/var/lib/portcullis"

    /// Makes it. It may be passed through: what is in it has modes of its own.
    package static func prepare() throws(SystemCallError) { try FileText.makeFolder(path, mode: 0o755) }
}
