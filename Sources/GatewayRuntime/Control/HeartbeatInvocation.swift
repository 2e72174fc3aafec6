internal import LinuxKernel
internal import WireFormats

/// `portcullis heartbeat`, from its arguments to its exit code.
package struct HeartbeatInvocation: Sendable {
    /// Until the next one is due; `nil` for as long as the policy says.
    package var seconds: UInt64?

    package init(seconds: UInt64?) { self.seconds = seconds }

    /// - Returns: 0 when the service has heard it, 1 when not.
    package func perform(fail: (String) -> Void) -> Int32 {
        let body = seconds.map { "seconds=\($0)" } ?? ""
        do {
            let answer = try ControlClient.post("/v1/heartbeat", body)
            guard answer.status == 200 else {
                fail("the service refused the heartbeat: \(answer.body)")
                return 1
            }
            return 0
        } catch {
            fail("the service did not hear the heartbeat: \(error)")
            return 1
        }
    }
}
