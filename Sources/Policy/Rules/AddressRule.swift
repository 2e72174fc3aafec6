package import WireFormats

/// One `address` entry of an allow or deny list.
package struct AddressRule: Hashable, Sendable {
    package let effect: RuleEffect
    package let prefix: IPPrefix
    /// `nil` where a deny rule names none: it then covers every port.
    package let ports: PortSet?
    package let comment: String?
    package let origin: RuleOrigin

    func covers(port: UInt16) -> Bool { ports?.contains(port) ?? true }
}
