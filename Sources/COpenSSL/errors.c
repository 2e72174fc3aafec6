#include "COpenSSL.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>

unsigned long pctls_take_error(void) {
    unsigned long error = ERR_get_error();
    ERR_clear_error();
    return error;
}

const char *pctls_reason_name(unsigned long error) { return error == 0 ? NULL : ERR_reason_error_string(error); }

int pctls_peer_alert(unsigned long error) {
    int reason = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return -1;
    if (reason < SSL_AD_REASON_OFFSET || reason > SSL_AD_REASON_OFFSET + 255) return -1;
    return reason - SSL_AD_REASON_OFFSET;
}

pctls_failure_kind pctls_classify(unsigned long error) {
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return PCTLS_FAILURE_OTHER;
    switch (ERR_GET_REASON(error)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_BAD_PROTOCOL_VERSION_NUMBER:
        return PCTLS_FAILURE_PROTOCOL_VERSION;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_WRONG_CIPHER_RETURNED:
    case SSL_R_UNKNOWN_CIPHER_RETURNED:
    case SSL_R_WRONG_CURVE:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_WRONG_SIGNATURE_TYPE:
    case SSL_R_DH_KEY_TOO_SMALL:
        return PCTLS_FAILURE_NO_SHARED_PARAMETERS;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return PCTLS_FAILURE_TRUNCATED;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_INVALID_STATUS_RESPONSE:
        return PCTLS_FAILURE_CERTIFICATE;
    default:
        return PCTLS_FAILURE_OTHER;
    }
}
