package import WireFormats

/// What the `host` key of a rule covers.
package enum HostPattern: Hashable, Sendable {
    /// That name and nothing else.
    case exact(HostName)
    /// One or more labels below the name, not the name itself: `*.github.com`.
    case below(HostName)

    /// The name as written, or the part behind `*.`.
    package var name: HostName {
        switch self {
        case .exact(let name), .below(let name): name
        }
    }
}

extension HostPattern: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exact(let name): name.text
        case .below(let name): "*.\(name.text)"
        }
    }
}
