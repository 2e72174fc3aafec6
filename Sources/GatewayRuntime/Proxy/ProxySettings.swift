internal import GatewayCore
internal import Policy
internal import TLSInterception

/// What all connections of a proxy share; nothing in it changes.
struct ProxySettings: Sendable {
    let agent: AgentID
    let policy: CompiledPolicy
    let seal: AgentSeal
    let pins: PinStore
    /// To the packets thread, for DNS over TCP.
    let names: NameMailbox
    let recorder: any RecordSink
    let signer: any LeafSigner
    let serverContext: ServerContext
    let clientContext: ClientContext
    /// Flows at a time; past it new ones are closed at once.
    let flowLimit: Int
}
