#include "COpenSSLTesting.h"

#include <malloc.h>
#include <openssl/core_names.h>
#include <openssl/tls1.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static size_t write_and_free(EVP_PKEY *key, uint8_t **out) {
    if (key == NULL) return 0;
    size_t length = pctls_key_write_private(key, out);
    EVP_PKEY_free(key);
    return length;
}

size_t pctest_generate_rsa(unsigned int bits, uint8_t **out) {
    return write_and_free(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits), out);
}

size_t pctest_generate_curve(const char *group, bool explicit_parameters, uint8_t **out) {
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", group);
    if (key != NULL && explicit_parameters
        && EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit") != 1) {
        EVP_PKEY_free(key);
        return 0;
    }
    return write_and_free(key, out);
}

size_t pctest_generate_ed25519(uint8_t **out) { return write_and_free(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), out); }

static int select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *offered,
                           unsigned int length, void *protocol) {
    (void)ssl;
    size_t wanted = strlen(protocol);
    for (unsigned int at = 0; at < length; at += 1 + offered[at]) {
        if (offered[at] != wanted || memcmp(offered + at + 1, protocol, wanted) != 0) continue;
        *out = offered + at + 1;
        *out_length = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;
}

SSL_CTX *pctest_server_context(int min, int max, const char *suites, const char *protocol) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) return NULL;
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, min);
    SSL_CTX_set_max_proto_version(context, max);
    if (SSL_CTX_set_cipher_list(context, suites) != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    /* Protocols are string literals of the tests: they are kept as long as the process. */
    if (protocol != NULL) SSL_CTX_set_alpn_select_cb(context, select_protocol, strdup(protocol));
    return context;
}

typedef struct {
    size_t length;
    uint8_t bytes[];
} staple;

static int on_status(SSL *ssl, void *argument) {
    const staple *kept = argument;
    uint8_t *copy = OPENSSL_memdup(kept->bytes, kept->length);
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)kept->length);
    return SSL_TLSEXT_ERR_OK;
}

void pctest_staple(SSL_CTX *context, const uint8_t *bytes, size_t length) {
    staple *kept = malloc(sizeof *kept + length); /* as long as the process */
    kept->length = length;
    memcpy(kept->bytes, bytes, length);
    SSL_CTX_set_tlsext_status_cb(context, on_status);
    SSL_CTX_set_tlsext_status_arg(context, kept);
}

bool pctest_add_intermediate(SSL *ssl, X509 *intermediate) { return SSL_add1_chain_cert(ssl, intermediate) == 1; }

long pctest_bytes_in_use(void) {
    struct mallinfo2 all = mallinfo2();
    return (long)(all.uordblks + all.hblkhd);
}

static atomic_long calls;

static void *counting_malloc(size_t size, const char *file, int line) {
    (void)file, (void)line;
    atomic_fetch_add(&calls, 1);
    return malloc(size);
}

static void counting_free(void *pointer, const char *file, int line) {
    (void)file, (void)line;
    free(pointer);
}

static void *counting_realloc(void *pointer, size_t size, const char *file, int line) {
    (void)file, (void)line;
    atomic_fetch_add(&calls, 1);
    return realloc(pointer, size);
}

bool pctest_count_allocations(void) {
    return CRYPTO_set_mem_functions(counting_malloc, counting_realloc, counting_free) == 1;
}

long pctest_allocation_calls(void) { return atomic_load(&calls); }
