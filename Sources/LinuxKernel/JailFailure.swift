/// Why the jailed command did not start.
package struct JailFailure: Error, Hashable, Sendable {
    /// 125 for the jail's own failures, 126 for a command that cannot be run, 127 for one that is not found.
    package var exitCode: Int32
    package var message: String

    package init(exitCode: Int32, message: String) {
        self.exitCode = exitCode
        self.message = message
    }
}

extension JailFailure: CustomStringConvertible {
    package var description: String { message }
}
