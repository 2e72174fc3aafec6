internal import CNetfilter

/// The ruleset compiler (libnftables), in the process: no shell, no fork.
enum RulesetText {
    /// Loads `text` into the thread's network namespace, in one transaction.
    static func load(_ text: String) throws(RulesetError) {
        // SAFETY: the context is made and freed here; strings are NUL-terminated copies; the error buffer is copied
        // before the context goes.
        let failure: String? = {
            guard let context = unsafe nft_ctx_new(0) else { return "out of memory" }
            defer { unsafe nft_ctx_free(context) }
            unsafe nft_ctx_buffer_error(context)
            unsafe nft_ctx_buffer_output(context)
            guard unsafe nft_run_cmd_from_buffer(context, text) != 0 else { return nil }
            return unsafe String(cString: nft_ctx_get_error_buffer(context))
        }()
        if let failure { throw .refused(failure) }
    }
}
