internal import CNetfilter

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
}
