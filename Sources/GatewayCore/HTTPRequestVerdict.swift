package import Policy
package import WireFormats

/// What the identity chain says of one request.
package enum HTTPRequestVerdict: Hashable, Sendable {
    case forward(HostName, Decision)
    case refuse(Denial, Decision)
}
