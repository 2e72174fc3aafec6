internal import ArgumentParser
internal import GatewayRuntime

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether the caller, an agent's own tool, may act: for agents' hooks.",
        discussion: """
            Asks the gateway that guards the calling process whether its agent is sealed, so that a sealed agent does \
            nothing on its own machine either. Needs no root: call it as the agent, from a hook that runs before each \
            tool (`PreToolUse` of Claude Code and Codex; exit code 2 is a refusal there).

            Standard output is one JSON object: {"decision":"allow"}, or "block" with reason, code and remedy. A gateway \
            that is not there, or does not answer within some two seconds, is a refusal, and so is a caller that it does \
            not know: users, control groups and jails are known, what is behind interfaces and in network namespaces is not.

            Exit code: 0 when it may act; 2 when it may not, with `kill.sealed` on standard error when it is sealed; 64 \
            for a command line that is not understood.
            """)

    func run() throws {
        let code = CheckInvocation().perform(fail: { Message.fail($0) }, print: { Message.print($0) })
        if code != 0 { throw ExitCode(code) }
    }
}
