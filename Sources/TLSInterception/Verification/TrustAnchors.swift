internal import Synchronization

/// The certificates that upstream chains may end in.
///
/// Reading a distribution's bundle decodes base64 and finds each subject, no more; OpenSSL parses an anchor when a chain first leads to it.
package final class TrustAnchors: Sendable {
    /// Who put an anchor here, which decides how much is asked of its form.
    package enum Origin: Hashable, Sendable {
        /// The distribution's bundle: chains obey the CA/Browser Forum's rules.
        case system
        /// The operator's own (`tls.extra_ca`): chains obey RFC 5280, and the anchor's form is the operator's business.
        case operatorAdded
    }

    struct Anchor: Sendable {
        let der: [UInt8]
        let origin: Origin
    }

    private let anchors: [Anchor]
    private let indexBySubject: [String: [Int]]
    private let loaded = Mutex<[Int: LoadedCertificate]>([:])

    /// - Parameters:
    ///   - system: PEM files of the distribution.
    ///   - operatorAdded: PEM files that the policy names.
    /// Blocks that are no certificates are left out; of a certificate in both, the operator's word counts.
    package init(system: [[UInt8]], operatorAdded: [[UInt8]] = []) {
        var anchors: [Anchor] = []
        var index: [String: [Int]] = [:]
        for (files, origin) in [(operatorAdded, Origin.operatorAdded), (system, .system)] {
            for der in files.flatMap({ PEM.blocks("CERTIFICATE", in: $0.span) }) {
                guard let key = Self.subject(of: der)?.searchKey else { continue }
                guard index[key]?.contains(where: { anchors[$0].der == der }) != true else { continue }
                index[key, default: []].append(anchors.count)
                anchors.append(Anchor(der: der, origin: origin))
            }
        }
        self.anchors = anchors
        indexBySubject = index
    }

    package var count: Int { anchors.count }

    /// The DER of every anchor.
    package var certificates: [[UInt8]] { anchors.map(\.der) }

    /// Anchors that may have issued, or be, one of these certificates.
    func candidates(for presented: [Certificate]) -> [LoadedCertificate] {
        var wanted: Set<Int> = []
        for certificate in presented {
            wanted.formUnion(indexBySubject[certificate.issuer.searchKey] ?? [])
            wanted.formUnion(indexBySubject[certificate.subject.searchKey] ?? [])
        }
        return wanted.sorted().compactMap { load($0) }
    }

    /// `nil` when the certificate is no anchor.
    func origin(of der: [UInt8], subject: DistinguishedName) -> Origin? {
        indexBySubject[subject.searchKey]?.first { anchors[$0].der == der }.map { anchors[$0].origin }
    }

    private func load(_ index: Int) -> LoadedCertificate? {
        loaded.withLock { loaded in
            if let known = loaded[index] { return known }
            guard let fresh = try? LoadedCertificate(der: anchors[index].der) else { return nil }
            loaded[index] = fresh
            return fresh
        }
    }

    /// Reads as far as the subject (RFC 5280 section 4.1).
    private static func subject(of der: [UInt8]) -> DistinguishedName? {
        do {
            var outer = DERReader(der)
            var certificate = try outer.enter(DERTag.sequence)
            var body = try certificate.enter(DERTag.sequence)
            _ = try body.readIfPresent(DERTag.constructedContext(0))
            _ = try body.read(DERTag.integer)
            _ = try body.read(DERTag.sequence)
            _ = try body.read(DERTag.sequence)
            _ = try body.read(DERTag.sequence)
            return try DistinguishedName(from: &body)
        } catch {
            return nil
        }
    }
}
