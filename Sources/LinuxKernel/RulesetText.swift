internal import CNetfilter
internal import Glibc

/// The ruleset compiler (libnftables), in the process: no shell, no fork.
package enum RulesetText {
    /// Loads `text` into the thread's network namespace, in one transaction.
    package static func load(_ text: String) throws(RulesetError) { _ = try run(text) }

    /// Lists part of the thread's network namespace's ruleset, without counters.
    ///
    /// - Parameter what: as of nft(8): `ruleset`, `table inet NAME`.
    package static func list(_ what: String) throws(RulesetError) -> String { try run("list \(what)\n", isStateless: true) }

    private static func run(_ text: String, isStateless: Bool = false) throws(RulesetError) -> String {
        // SAFETY: the context is made and freed here; strings are NUL-terminated copies; the buffers are copied before the
        // context goes.
        let (failed, said): (Bool, String) = {
            guard let context = unsafe nft_ctx_new(0) else { return (true, "out of memory") }
            defer { unsafe nft_ctx_free(context) }
            unsafe nft_ctx_buffer_error(context)
            unsafe nft_ctx_buffer_output(context)
            if isStateless { unsafe nft_ctx_output_set_flags(context, UInt32(NFT_CTX_OUTPUT_STATELESS)) }
            guard unsafe nft_run_cmd_from_buffer(context, text) == 0 else {
                return (true, unsafe String(cString: nft_ctx_get_error_buffer(context)))
            }
            return (false, unsafe String(cString: nft_ctx_get_output_buffer(context)))
        }()
        if failed { throw .refused(said) }
        return said
    }

    /// Calls `body` with standard error leading nowhere. The process must have no other thread that writes there.
    private static func withoutStandardError(_ body: () -> Int32) -> Int32 {
        let kept = dup(2)
        // SAFETY: a constant path.
        let nowhere = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
        if kept >= 0, nowhere >= 0 { dup2(nowhere, 2) }
        defer {
            if kept >= 0 {
                dup2(kept, 2)
                close(kept)
            }
            if nowhere >= 0 { close(nowhere) }
        }
        return body()
    }

    /// What a command prints, such as `list table inet portcullis`.
    ///
    /// - Parameter limitBytes: of the answer; the rest is cut off, at a line's end.
    static func answer(to command: String, limitBytes: Int) throws(RulesetError) -> (text: String, isWhole: Bool) {
        var answer = (text: "", isWhole: true)
        // SAFETY: as above; the output buffer is copied, and read no further than its length, before the context goes.
        let failure: String? = {
            guard let context = unsafe nft_ctx_new(0) else { return "out of memory" }
            defer { unsafe nft_ctx_free(context) }
            unsafe nft_ctx_buffer_error(context)
            unsafe nft_ctx_buffer_output(context)
            // Of xtables targets, libxtables tells the terminal that it does not know the family; the text has them all the same.
            let status = withoutStandardError { unsafe nft_run_cmd_from_buffer(context, command) }
            guard status == 0 else {
                return unsafe String(cString: nft_ctx_get_error_buffer(context))
            }
            guard let output = unsafe nft_ctx_get_output_buffer(context) else { return nil }
            let bytes = unsafe UnsafeRawBufferPointer(start: output, count: strlen(output))
            guard bytes.count > limitBytes else {
                answer.text = unsafe String(decoding: bytes, as: UTF8.self)
                return nil
            }
            let kept = unsafe bytes[..<limitBytes]
            let end = unsafe kept.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            answer = (unsafe String(decoding: kept[..<end], as: UTF8.self), false)
            return nil
        }()
        if let failure { throw .refused(failure) }
        return answer
    }
}
