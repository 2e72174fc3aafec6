/// Opens the Initial packets of QUIC clients (RFC 9001 section 5). Here it is only described: the ciphers are elsewhere.
package protocol QUICInitialOpener: Sendable {
    /// Removes a packet's protection with the client's Initial keys.
    ///
    /// - Parameters:
    ///   - packet: from its first byte to its end.
    ///   - packetNumber: where the protected packet number begins.
    ///   - connectionID: the Destination Connection ID of the connection's first packet, from which the keys follow.
    /// - Returns: the frames; `nil` when the packet was not made with these keys.
    func open(_ packet: Span<UInt8>, packetNumber: Int, version: QUICVersion, connectionID: [UInt8]) -> [UInt8]?
}
