/// Whoever can make certificates that agents trust: this process, or a keeper in another one.
package protocol LeafSigner: Sendable {
    /// A certificate for exactly `identity`, valid at `now`.
    func leaf(for identity: ServerIdentity, at now: UnixTime) throws(TLSSetupError) -> MintedLeaf
}
