/// Why an upstream's certificates were refused: the rule, and the certificate that broke it.
package struct UpstreamRefusal: Error, Hashable, Sendable {
    package let rule: UpstreamRule
    /// The subject at fault; `nil` when nothing readable was presented.
    package let subject: CertificateLabel?
    /// How far from the leaf, which is 0; `nil` when it is about no certificate in particular.
    package let depth: Int?

    package init(_ rule: UpstreamRule, subject: CertificateLabel? = nil, depth: Int? = nil) {
        self.rule = rule
        self.subject = subject
        self.depth = depth
    }

    package var category: UpstreamCategory { rule.category }
}

extension UpstreamRefusal: CustomStringConvertible {
    /// One line of printable ASCII, at most about 200 bytes.
    package var description: String {
        guard let subject, !subject.description.isEmpty else { return "the upstream's certificate \(rule.explanation)" }
        return "the upstream's certificate \"\(subject)\" \(rule.explanation)"
    }
}
