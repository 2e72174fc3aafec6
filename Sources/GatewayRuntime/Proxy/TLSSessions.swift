internal import TLSInterception

/// What TLS sessions are made with: leaves and a context for the agents' side, a context for the upstreams' side.
struct TLSSessions: Sendable {
    let signer: MintingSigner
    let serverContext: ServerContext
    let clientContext: ClientContext

    /// - Parameter extraCA: files with roots that are trusted besides the system's.
    init(trust: GatewayTrust, extraCA: [String]) throws {
        signer = try MintingSigner(authority: trust.authority)
        serverContext = try ServerContext()
        clientContext = try trust.clientContext(extraFiles: extraCA)
    }
}
