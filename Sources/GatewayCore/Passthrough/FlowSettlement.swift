/// What becomes of packets that were held, once their flow is judged or out of time.
///
/// The decision is recorded first; then the verdicts are given in their order, and the packets sent. Where recording fails
/// every verdict is a drop, and ``PacketPlane/withdraw(_:at:)`` takes the flow back.
package struct FlowSettlement: Hashable, Sendable {
    /// The verdict on one packet in the queue.
    package struct HeldVerdict: Hashable, Sendable {
        /// The packet's number in the queue.
        package var packet: UInt32
        /// `nil` to drop it.
        package var mark: FlowMark?
    }

    package var flow: FlowKey
    package var decision: Decision?
    /// Oldest first; the packet that led to it, if any did, is the last.
    package var verdicts: [HeldVerdict] = []
    /// Whole packets to send: resets, so that neither end is left with half a connection.
    package var packets: [[UInt8]] = []
}
