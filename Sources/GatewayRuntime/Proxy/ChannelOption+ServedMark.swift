internal import LinuxKernel
internal import NIOCore

extension ChannelOption where Self == ChannelOptions.Types.SocketOption {
    /// The mark of a connection on an agent's behalf, set before the connection's first packet.
    static var servedMark: Self {
        ChannelOptions.Types.SocketOption(
            level: NIOBSDSocket.OptionLevel(rawValue: SocketMark.option.level),
            name: NIOBSDSocket.Option(rawValue: SocketMark.option.name))
    }
}
