/// A service binding record, SVCB or HTTPS (RFC 9460), as far as it may be handed on.
///
/// `ech` and parameters that are not listed here are left out when one is read: a record is rebuilt, never copied.
package struct DNSServiceBinding: Hashable, Sendable {
    /// 0 is AliasMode: the record has no parameters then.
    package var priority: UInt16
    /// The alternative endpoint's name; `nil` is the owner itself (`.`).
    package var target: HostName?
    /// Keys that a client must know to use the record, ascending (section 8).
    package var mandatory: [UInt16] = []
    /// ALPN identifiers (section 7.1), as written.
    package var protocols: [[UInt8]] = []
    package var hasNoDefaultProtocol = false
    package var port: UInt16?
    /// Addresses of the endpoint (section 7.3): IPv4 first.
    package var hints: [IPAddress] = []

    package init(priority: UInt16, target: HostName?) {
        self.priority = priority
        self.target = target
    }

    /// SvcParamKeys (IANA registry “Service Parameter Keys”).
    package enum Key {
        package static let mandatory: UInt16 = 0
        package static let protocols: UInt16 = 1
        package static let noDefaultProtocol: UInt16 = 2
        package static let port: UInt16 = 3
        package static let hints4: UInt16 = 4
        package static let ech: UInt16 = 5
        package static let hints6: UInt16 = 6
    }

    /// Whether the record, as it would be written, has the parameter.
    package func holds(_ key: UInt16) -> Bool {
        switch key {
        case Key.mandatory: !mandatory.isEmpty
        case Key.protocols: !protocols.isEmpty
        case Key.noDefaultProtocol: hasNoDefaultProtocol
        case Key.port: port != nil
        case Key.hints4: hints.contains { $0.family == .v4 }
        case Key.hints6: hints.contains { $0.family == .v6 }
        default: false
        }
    }

    /// True when every key that must be known is there; without one the record means something else (section 8).
    package var isConsistent: Bool {
        mandatory.allSatisfy(holds) && (!hasNoDefaultProtocol || !protocols.isEmpty)
    }
}
