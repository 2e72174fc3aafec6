package import WireFormats

/// Why text names nothing that can be asked about.
package enum WhyQueryError: Error, Hashable, Sendable {
    case scheme(String)
    case method(String)
    case userInfo
    case port
    case name(HostNameError)
    case notANameOrAddress
}

extension WhyQueryError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .scheme(let scheme): "only http and https URLs can be judged, not `\(scheme)`"
        case .method(let method): "`\(method)` is no method that HTTP knows; they are written in capitals, as in GET"
        case .userInfo: "the URL holds a user name; leave it out"
        case .port: "the port is not a number from 1 to 65535"
        case .name(let error): "this is not a host name: \(error)"
        case .notANameOrAddress: "this is neither a URL nor a host name nor an address"
        }
    }
}
