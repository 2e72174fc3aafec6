#include "COpenSSL.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

X509 *pctls_certificate_read(const uint8_t *der, size_t length) {
    const uint8_t *end = der;
    X509 *certificate = d2i_X509(NULL, &end, (long)length);
    if (certificate != NULL && end == der + length) return certificate;
    X509_free(certificate);
    ERR_clear_error();
    return NULL;
}

size_t pctls_certificate_write(X509 *certificate, uint8_t **out) {
    *out = NULL;
    int length = i2d_X509(certificate, out);
    return length > 0 ? (size_t)length : 0;
}

STACK_OF(X509) *pctls_stack_new(void) { return sk_X509_new_null(); }

bool pctls_stack_append(STACK_OF(X509) *stack, X509 *certificate) {
    return X509_add_cert(stack, certificate, X509_ADD_FLAG_UP_REF) == 1;
}

int pctls_stack_count(STACK_OF(X509) *stack) { return sk_X509_num(stack); }

X509 *pctls_stack_at(STACK_OF(X509) *stack, int index) { return sk_X509_value(stack, index); }

void pctls_stack_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

/* Trust anchors are trusted for their key and name (RFC 5280 section 6.1.1 (d)); roots of the nineties lack what X509_STRICT
 * asks of a certificate's form. The Swift rules for anchors decide about these instead. */
static bool is_form_of_anchor(int error) {
    switch (error) {
    case X509_V_ERR_CA_CERT_MISSING_KEY_USAGE:
    case X509_V_ERR_CA_BCONS_NOT_CRITICAL:
    case X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER:
    case X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN:
    case X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL:
    case X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL:
        return true;
    default:
        return false;
    }
}

static int on_verify_step(int ok, X509_STORE_CTX *context) {
    if (ok) return 1;
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    int depth = X509_STORE_CTX_get_error_depth(context);
    if (depth == 0 || chain == NULL || depth != sk_X509_num(chain) - 1) return 0;
    if (!is_form_of_anchor(X509_STORE_CTX_get_error(context))) return 0;
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

pctls_chain_result pctls_verify_chain(STACK_OF(X509) *presented, STACK_OF(X509) *anchors, int64_t time, int max_depth) {
    pctls_chain_result result = {X509_V_ERR_UNSPECIFIED, 0, NULL};
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (context == NULL) return result;
    if (X509_STORE_CTX_init(context, NULL, sk_X509_value(presented, 0), presented) == 1
        && X509_STORE_CTX_set_default(context, "ssl_server") == 1) {
        X509_STORE_CTX_set0_trusted_stack(context, anchors);
        X509_STORE_CTX_set_verify_cb(context, on_verify_step);
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_time(param, (time_t)time);
        X509_VERIFY_PARAM_set_auth_level(param, 2);
        X509_VERIFY_PARAM_set_depth(param, max_depth);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
        int ok = X509_verify_cert(context);
        result.error = ok == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
        if (ok != 1 && result.error == X509_V_OK) result.error = X509_V_ERR_UNSPECIFIED;
        result.depth = X509_STORE_CTX_get_error_depth(context);
        result.chain = X509_STORE_CTX_get1_chain(context);
        if (ok == 1 && result.chain == NULL) result.error = X509_V_ERR_OUT_OF_MEM;
    }
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return result;
}

/* ASN1_TIME_cmp_time_t says -2 for a time it cannot read, which is then neither before nor after. */
static bool is_not_after(const ASN1_TIME *moment, time_t time) {
    int order = ASN1_TIME_cmp_time_t(moment, time);
    return order == -1 || order == 0;
}

static bool is_not_before(const ASN1_TIME *moment, time_t time) { return ASN1_TIME_cmp_time_t(moment, time) >= 0; }

/* Whether `signer` may sign for `issuer` (RFC 6960 section 4.2.2.2): the issuer itself, or a certificate it issued directly
 * for id-kp-OCSPSigning, valid now. */
static bool may_respond(X509 *signer, X509 *issuer, time_t time) {
    if (X509_cmp(signer, issuer) == 0) return true;
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    if (key == NULL || X509_check_issued(issuer, signer) != X509_V_OK || X509_verify(signer, key) != 1) return false;
    if ((X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) == 0) return false;
    if ((X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) == 0) return false;
    return is_not_after(X509_get0_notBefore(signer), time) && is_not_before(X509_get0_notAfter(signer), time);
}

static pctls_staple_result judge(OCSP_BASICRESP *basic, X509 *leaf, X509 *issuer, time_t time, time_t skew) {
    STACK_OF(X509) *candidates = sk_X509_new_null();
    if (candidates == NULL || sk_X509_push(candidates, issuer) == 0) {
        sk_X509_free(candidates);
        return PCTLS_STAPLE_MALFORMED;
    }
    X509 *signer = NULL;
    bool authentic = OCSP_resp_get0_signer(basic, &signer, candidates) == 1 && may_respond(signer, issuer, time)
        && OCSP_basic_verify(basic, candidates, NULL, OCSP_NOVERIFY) == 1;
    sk_X509_free(candidates);
    if (!authentic) return PCTLS_STAPLE_UNSIGNED;

    /* Responders hash the issuer's name and key with SHA-1 (RFC 5019) or SHA-256; both are looked up. */
    const EVP_MD *digests[] = {EVP_sha1(), EVP_sha256()};
    for (size_t index = 0; index < 2; index++) {
        OCSP_CERTID *wanted = OCSP_cert_to_id(digests[index], leaf, issuer);
        if (wanted == NULL) return PCTLS_STAPLE_MALFORMED;
        int status = -1, reason = -1;
        ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *until = NULL;
        int found = OCSP_resp_find_status(basic, wanted, &status, &reason, &revoked, &from, &until);
        OCSP_CERTID_free(wanted);
        if (found != 1) continue;
        /* A revocation is final: it holds after nextUpdate as well. */
        if (status == V_OCSP_CERTSTATUS_REVOKED) return PCTLS_STAPLE_REVOKED;
        if (from == NULL || !is_not_after(from, time + skew)) return PCTLS_STAPLE_OUTDATED;
        /* Without nextUpdate newer information is always available (RFC 6960 section 2.4): a staple needs it. */
        if (until == NULL || !is_not_before(until, time - skew)) return PCTLS_STAPLE_OUTDATED;
        return status == V_OCSP_CERTSTATUS_GOOD ? PCTLS_STAPLE_GOOD : PCTLS_STAPLE_UNKNOWN;
    }
    return PCTLS_STAPLE_UNKNOWN;
}

pctls_staple_result pctls_check_staple(const uint8_t *bytes, size_t length, X509 *leaf, X509 *issuer, int64_t time,
                                       int64_t skew) {
    pctls_staple_result result = PCTLS_STAPLE_MALFORMED;
    const uint8_t *end = bytes;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &end, (long)length);
    if (response != NULL && end == bytes + length
        && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
        if (basic != NULL) result = judge(basic, leaf, issuer, (time_t)time, (time_t)skew);
        OCSP_BASICRESP_free(basic);
    }
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
    return result;
}
