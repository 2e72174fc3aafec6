/// Why a session ended other than by `close_notify`.
package enum TLSFailure: Error, Hashable, Sendable {
    /// The upstream's certificate chain was refused; nothing but the handshake has passed.
    case upstreamRefused(UpstreamRefusal)
    /// The peer sent this alert (RFC 8446 section 6).
    case peerAlert(UInt8)
    /// The peer speaks no version of TLS that we do.
    case protocolVersion
    /// No common cipher suite, group or signature algorithm.
    case noSharedParameters
    /// The transport ended without `close_notify`: what was received may be cut short.
    case truncated
    /// The peer broke the protocol; the text is OpenSSL's name for how, never content.
    case protocolViolation(reason: String)
    /// Memory for ciphertext could not be had.
    case outOfMemory
}

extension TLSFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .upstreamRefused(let refusal): refusal.description
        case .peerAlert(let alert): "the peer ended the session with TLS alert \(alert) (\(Self.name(ofAlert: alert)))"
        case .protocolVersion: "the peer speaks no version of TLS from 1.2 on"
        case .noSharedParameters: "no cipher suite, group or signature algorithm in common"
        case .truncated: "the connection ended without close_notify"
        case .protocolViolation(let reason): "TLS protocol violation: \(reason)"
        case .outOfMemory: "no memory for ciphertext"
        }
    }

    /// RFC 8446 section 6 and its registry.
    private static func name(ofAlert alert: UInt8) -> String {
        switch alert {
        case 10: "unexpected_message"
        case 20: "bad_record_mac"
        case 22: "record_overflow"
        case 40: "handshake_failure"
        case 42: "bad_certificate"
        case 43: "unsupported_certificate"
        case 44: "certificate_revoked"
        case 45: "certificate_expired"
        case 46: "certificate_unknown"
        case 47: "illegal_parameter"
        case 48: "unknown_ca"
        case 49: "access_denied"
        case 50: "decode_error"
        case 51: "decrypt_error"
        case 70: "protocol_version"
        case 71: "insufficient_security"
        case 80: "internal_error"
        case 86: "inappropriate_fallback"
        case 90: "user_canceled"
        case 109: "missing_extension"
        case 110: "unsupported_extension"
        case 112: "unrecognized_name"
        case 113: "bad_certificate_status_response"
        case 116: "certificate_required"
        case 120: "no_application_protocol"
        default: "unknown"
        }
    }
}
