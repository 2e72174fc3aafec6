/// Where a handshake stands. In every case output may be waiting, the alert of a failure included.
package enum HandshakeProgress: Hashable, Sendable {
    /// Give the output to the peer and come back with what it sends.
    case wantsIO
    case complete(NegotiatedParameters)
    case failed(TLSFailure)
}
