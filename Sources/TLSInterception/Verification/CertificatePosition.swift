/// Where in a verified chain a certificate stands; what is asked of it depends on that.
enum CertificatePosition: Hashable, Sendable {
    case leaf
    case intermediate
    /// Trusted for its key and name (RFC 5280 section 6.1.1 (d)): nobody's signature on it counts.
    case anchor

    /// `index` counts from the leaf.
    init(index: Int, of count: Int) {
        self = index == 0 ? .leaf : index == count - 1 ? .anchor : .intermediate
    }
}
