import COpenSSL

@testable import TLSInterception

/// An OCSP response (RFC 6960 section 4.2.1) under construction: good, until a row of a test breaks something.
struct TestStaple {
    enum Status {
        case good
        case revoked
        case unknown
    }

    var status = Status.good
    var thisUpdate = TestCertificate.now - 3600
    var nextUpdate: UnixTime? = TestCertificate.now + 3600
    /// The hash in the CertID: `SHA1` as most responders have it, or `SHA256`.
    var digest = "SHA1"
    /// Who signs, when it is not the issuer.
    var delegate: TestCertificate?
    /// The delegate's DER, sent along.
    var delegateDER: [UInt8]?
    var serial: [UInt8]?
    var breaksSignature = false
    /// OCSPResponseStatus; 3 is "try later".
    var responseStatus: UInt8 = 0

    func response(about leaf: TestCertificate, issuedBy issuer: TestCertificate) throws -> [UInt8] {
        var key = DERReader(issuer.key.publicKey)
        var info = try key.enter(DERTag.sequence)
        _ = try info.read(DERTag.sequence)
        let keyBits = Array(issuer.key.publicKey[try info.readOctetAlignedBits()])
        let identifier: ObjectIdentifier = digest == "SHA1" ? "1.3.14.3.2.26" : .sha256
        let certificateID = DERWriter.sequence(
            DERWriter.sequence(DERWriter.objectIdentifier(identifier), DERWriter.element(DERTag.null, [])),
            DERWriter.octetString(Self.hash(issuer.subject, digest)), DERWriter.octetString(Self.hash(keyBits, digest)),
            DERWriter.element(DERTag.integer, serial ?? leaf.template.serial))
        let status =
            switch status {
            case .good: DERWriter.element(DERTag.context(0), [])
            case .revoked: DERWriter.element(DERTag.constructedContext(1), DERWriter.generalizedTime(thisUpdate))
            case .unknown: DERWriter.element(DERTag.context(2), [])
            }
        let single = DERWriter.sequence(
            certificateID, status, DERWriter.generalizedTime(thisUpdate),
            nextUpdate.map { DERWriter.explicit(0, DERWriter.generalizedTime($0)) } ?? [])
        let signer = delegate ?? issuer
        let body = DERWriter.sequence(
            DERWriter.explicit(1, signer.subject), DERWriter.generalizedTime(thisUpdate), DERWriter.sequence(single))
        let signature = try signer.key.sign(breaksSignature ? body + [0] : body)
        let basic = DERWriter.sequence(
            body, CertificateTemplate.ecdsaWithSHA256, DERWriter.bitString(signature),
            delegateDER.map { DERWriter.explicit(0, DERWriter.sequence($0)) } ?? [])
        return DERWriter.sequence(
            DERWriter.element(DERTag.enumerated, [responseStatus]),
            responseStatus == 0
                ? DERWriter.explicit(
                    0, DERWriter.sequence(DERWriter.objectIdentifier("1.3.6.1.5.5.7.48.1.1"), DERWriter.octetString(basic))) : [])
    }

    private static func hash(_ bytes: [UInt8], _ name: String) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 64)
        var count = 0
        // SAFETY: both buffers hold for the call; no digest is longer than 64 bytes.
        let done = unsafe EVP_Q_digest(nil, name, nil, bytes, bytes.count, &digest, &count)
        precondition(done == 1)
        return Array(digest.prefix(count))
    }
}
