/// One `host` entry of an allow or deny list.
package struct HostRule: Hashable, Sendable {
    package let effect: RuleEffect
    package let pattern: HostPattern
    /// `nil` where a deny rule names none: it then covers every port. Allow rules without `ports` cover ``PortSet/web``.
    package let ports: PortSet?
    /// `nil` covers every method.
    package let methods: MethodSet?
    /// Empty covers every path.
    package let paths: [PathPattern]
    package let inspection: Inspection
    package let comment: String?
    package let origin: RuleOrigin

    /// True for a rule that says nothing but the host.
    package var isUnconditional: Bool { methods == nil && paths.isEmpty && (effect == .allow || ports == nil) }

    func covers(port: UInt16) -> Bool { ports?.contains(port) ?? true }

    func covers(method: Span<UInt8>) -> Bool { methods?.contains(method) ?? true }
}
