internal import GatewayCore
internal import LinuxKernel
internal import NIOCore
internal import Policy

/// Refuses flows when the process is out of descriptors, instead of letting them hang in the listener's backlog: one
/// descriptor is kept back, given up to take such a flow, and taken again once the flow is closed.
///
/// One for each listener; confined to its loop.
final class DescriptorReserve: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let listener: Int32
    private let settings: ProxySettings
    private var reserve: SpareDescriptor

    init(listener: Int32, settings: ProxySettings) {
        self.listener = listener
        self.settings = settings
        reserve = SpareDescriptor()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, SystemCallError("accept", number: error.errnoCode).isDescriptorShortage
        else {
            // A connection that was gone before it was accepted; the next one is not affected.
            return
        }
        let denial = Denial(reason: .limitDescriptors, subject: "a new flow")
        try? settings.recorder.record(Decision(stage: .flow, agent: settings.agent, denial: denial))
        reserve.refuseOne(from: listener)
    }
}
