/// What a reason means, in the words and numbers of each place it shows up in.
package struct ReasonExplanation: Sendable, Hashable {
    /// A few words for a heading.
    package let title: String
    /// One or two sentences for the person and the agent.
    package let sentence: String
    /// Status of the answer when the refused thing is an HTTP request.
    package let httpStatus: Int
    /// INFO-CODE of the Extended DNS Error (RFC 8914 section 4) when it is a DNS query; `nil` where DNS has no part.
    package let ednsErrorCode: UInt16?
    /// What to do about it.
    package let remedyHint: String

    init(
        _ title: String, _ sentence: String, status: Int = 403, ednsErrorCode: UInt16? = nil, hint: String
    ) {
        self.title = title
        self.sentence = sentence
        httpStatus = status
        self.ednsErrorCode = ednsErrorCode
        remedyHint = hint
    }
}
