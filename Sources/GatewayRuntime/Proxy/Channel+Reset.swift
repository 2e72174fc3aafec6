internal import Glibc
internal import NIOCore

extension Channel {
    /// Makes the next close a reset: the peer is refused rather than told goodbye.
    func resetOnClose() {
        guard let provider = self as? any SocketOptionProvider else { return }
        // On its own loop this completes at once; a socket that is gone needs no reset.
        provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenFailure { _ in }
    }
}
