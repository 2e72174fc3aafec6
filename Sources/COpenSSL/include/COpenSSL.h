/* The one door to OpenSSL 3. Swift calls OpenSSL itself where that is a plain function; what is a macro, a callback or a
 * hot path lives in the `pctls_` functions below. Nothing here holds a rule of the gateway: those are in Swift. */
#ifndef PORTCULLIS_COPENSSL_H
#define PORTCULLIS_COPENSSL_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* ---- Errors (errors.c) ------------------------------------------------------------------------------------------ */

/* The oldest error of this thread's queue, 0 when there is none; the queue is empty afterwards. */
unsigned long pctls_take_error(void);
/* The name of an error's reason, such as "wrong version number": static text, never key material. */
const char *_Nullable pctls_reason_name(unsigned long error);
/* The alert (0 to 255) the peer sent that became this error, or -1. */
int pctls_peer_alert(unsigned long error);
/* What kind of handshake failure an error is. */
typedef enum {
    PCTLS_FAILURE_OTHER = 0,
    PCTLS_FAILURE_PROTOCOL_VERSION,
    PCTLS_FAILURE_NO_SHARED_PARAMETERS,
    PCTLS_FAILURE_TRUNCATED,
    PCTLS_FAILURE_CERTIFICATE,
} pctls_failure_kind;
pctls_failure_kind pctls_classify(unsigned long error);

/* ---- Keys and digests (keys.c) ---------------------------------------------------------------------------------- */

/* SHA-256 of `length` bytes into the 32 bytes at `digest`. */
bool pctls_sha256(const uint8_t *_Nullable bytes, size_t length, uint8_t *digest);
EVP_PKEY *_Nullable pctls_key_generate_p256(void);
/* Reads a DER private key: PKCS#8, SEC 1 or PKCS#1. */
EVP_PKEY *_Nullable pctls_key_read(const uint8_t *der, size_t length);
/* Writes unencrypted PKCS#8 DER (or SubjectPublicKeyInfo); `*out` is freed with pctls_bytes_free. */
size_t pctls_key_write_private(EVP_PKEY *key, uint8_t *_Nullable *_Nonnull out);
size_t pctls_key_write_public(EVP_PKEY *key, uint8_t *_Nullable *_Nonnull out);
void pctls_bytes_free(uint8_t *_Nullable bytes, size_t length);
/* Signs with `digest` ("SHA256"; NULL for Ed25519). Returns the signature's length, 0 on failure. */
size_t pctls_sign(EVP_PKEY *key, const char *_Nullable digest, const uint8_t *bytes, size_t length, uint8_t *out,
                  size_t capacity);

/* ---- QUIC (quic.c) ---------------------------------------------------------------------------------------------- */

/* The keys of a client's Initial packets (RFC 9001 section 5.2): AES-128-GCM, and AES-128 for header protection. */
typedef struct {
    uint8_t key[16], iv[12], hp[16];
} pctls_quic_keys;

/* Derives them from the version's salt, the first packet's connection ID and what the version's labels begin with. */
bool pctls_quic_client_keys(const uint8_t *salt, size_t salt_length, const uint8_t *_Nullable id, size_t id_length,
                            const char *prefix, pctls_quic_keys *keys);
/* Opens a packet whose protected number is at `number_offset`. `out` has room for `length` bytes.
 * Returns the length of what was inside, or -1 when these are not its keys. */
int64_t pctls_quic_open(const pctls_quic_keys *keys, const uint8_t *packet, size_t length, size_t number_offset,
                        uint8_t *out);

/* ---- Certificates (certificates.c) ------------------------------------------------------------------------------ */

X509 *_Nullable pctls_certificate_read(const uint8_t *der, size_t length);
size_t pctls_certificate_write(X509 *certificate, uint8_t *_Nullable *_Nonnull out);
STACK_OF(X509) *_Nullable pctls_stack_new(void);
/* Adds a reference of its own. */
bool pctls_stack_append(STACK_OF(X509) *stack, X509 *certificate);
int pctls_stack_count(STACK_OF(X509) *stack);
X509 *_Nullable pctls_stack_at(STACK_OF(X509) *stack, int index);
void pctls_stack_free(STACK_OF(X509) *_Nullable stack);

/* What X509_verify_cert made of a chain. */
typedef struct {
    int error; /* X509_V_OK or X509_V_ERR_... */
    int depth; /* of the certificate at fault: 0 is the leaf */
    STACK_OF(X509) *_Nullable chain; /* as far as built, leaf first; the caller frees it */
} pctls_chain_result;

/* Builds and verifies a chain from `presented` (leaf first) to one of `anchors` for a TLS server at `time`, under
 * X509_V_FLAG_X509_STRICT and security level 2. An anchor need not be self-signed (X509_V_FLAG_PARTIAL_CHAIN), and rules of
 * form that old roots break are not applied to it. */
pctls_chain_result pctls_verify_chain(STACK_OF(X509) *presented, STACK_OF(X509) *anchors, int64_t time, int max_depth);

typedef enum {
    PCTLS_STAPLE_GOOD = 0,
    PCTLS_STAPLE_REVOKED,
    PCTLS_STAPLE_UNKNOWN,    /* the responder does not know the certificate, or speaks of another one */
    PCTLS_STAPLE_MALFORMED,
    PCTLS_STAPLE_UNSIGNED,   /* wrong signature, or a signer who may not speak for the issuer */
    PCTLS_STAPLE_OUTDATED,   /* before thisUpdate or after nextUpdate */
} pctls_staple_result;

/* Judges a stapled OCSP response (RFC 6960) about `leaf`, issued by `issuer`. `skew` in seconds. */
pctls_staple_result pctls_check_staple(const uint8_t *bytes, size_t length, X509 *leaf, X509 *issuer, int64_t time,
                                       int64_t skew);

/* ---- Contexts (contexts.c) -------------------------------------------------------------------------------------- */

/* Called during a client's handshake with the session's owner. */
typedef struct {
    /* Returns X509_V_OK, or the error that decides which alert the peer gets. `presented` is leaf first, borrowed. */
    int (*verify)(void *_Nullable owner, STACK_OF(X509) *presented);
    /* The stapled OCSP response; NULL and 0 without one. Returns false to abort. Not called on resumption. */
    bool (*staple)(void *_Nullable owner, const uint8_t *_Nullable bytes, size_t length);
    /* A session that may be resumed, serialised, valid during the call; TLS 1.3 tickets are for single use. */
    void (*resumable)(void *_Nullable owner, const uint8_t *bytes, size_t length, bool is_single_use);
} pctls_client_hooks;

SSL_CTX *_Nullable pctls_context_new_server(void);
SSL_CTX *_Nullable pctls_context_new_client(pctls_client_hooks hooks);
bool pctls_context_set_versions(SSL_CTX *context, int min, int max);
bool pctls_context_set_groups(SSL_CTX *context, const char *groups);
bool pctls_context_set_signature_algorithms(SSL_CTX *context, const char *algorithms);
/* Makes a new key for session tickets the current one; the one before still opens tickets, older ones do not. */
bool pctls_context_rotate_ticket_key(SSL_CTX *context);

/* ---- Sessions (sessions.c) -------------------------------------------------------------------------------------- */

typedef struct pctls_session pctls_session;

typedef enum {
    PCTLS_DONE = 0,
    PCTLS_WANTS_IO,
    PCTLS_CLOSED, /* close_notify received */
    PCTLS_FAILED,
} pctls_status;

pctls_session *_Nullable pctls_session_new(SSL_CTX *context, bool is_server);
void pctls_session_free(pctls_session *session);
SSL *pctls_session_ssl(pctls_session *session);
/* What the hooks get; borrowed, must outlive the session or be reset. */
void pctls_session_set_owner(pctls_session *session, void *_Nullable owner);
bool pctls_session_set_certificate(pctls_session *session, X509 *leaf, EVP_PKEY *key);
/* Tickets open only in sessions with an equal context of at most 32 bytes. */
bool pctls_session_set_resumption_scope(pctls_session *session, const uint8_t *bytes, size_t length);
/* Sets SNI. */
bool pctls_session_set_server_name(pctls_session *session, const char *name);
bool pctls_session_resume(pctls_session *session, const uint8_t *bytes, size_t length);

/* Lends ciphertext until pctls_session_end_input, which copies what was not consumed. */
void pctls_session_lend_input(pctls_session *session, const uint8_t *_Nullable bytes, size_t length);
/* False when memory for what is left could not be had. */
bool pctls_session_end_input(pctls_session *session);
/* The transport ended: no more ciphertext will come. */
void pctls_session_set_end_of_input(pctls_session *session);
size_t pctls_session_kept_input(const pctls_session *session);

/* Lends memory that output is written to first; pctls_session_end_output returns how much of it was used. */
void pctls_session_lend_output(pctls_session *session, uint8_t *_Nullable bytes, size_t capacity);
size_t pctls_session_end_output(pctls_session *session);
const uint8_t *_Nullable pctls_session_output(const pctls_session *session, size_t *length);
/* Drops the first `length` bytes of output; the memory is freed with the last one. */
void pctls_session_consume_output(pctls_session *session, size_t length);

pctls_status pctls_session_handshake(pctls_session *session);
pctls_status pctls_session_read(pctls_session *session, uint8_t *bytes, size_t capacity, size_t *count);
pctls_status pctls_session_write(pctls_session *session, const uint8_t *bytes, size_t length, size_t *count);
pctls_status pctls_session_shutdown(pctls_session *session);
/* Drops what only the handshake needed. */
void pctls_session_trim(pctls_session *session);

#pragma clang assume_nonnull end

#endif
