/* Peers that Portcullis itself never is: weak keys, old protocols, stapling servers. For tests only. */
#ifndef PORTCULLIS_COPENSSL_TESTING_H
#define PORTCULLIS_COPENSSL_TESTING_H

#include <COpenSSL.h>

#pragma clang assume_nonnull begin

/* Private keys as PKCS#8 DER, freed with pctls_bytes_free; the length is 0 on failure. */
size_t pctest_generate_rsa(unsigned int bits, uint8_t *_Nullable *_Nonnull out);
size_t pctest_generate_curve(const char *group, bool explicit_parameters, uint8_t *_Nullable *_Nonnull out);
size_t pctest_generate_ed25519(uint8_t *_Nullable *_Nonnull out);

/* A server without any of our settings, for the versions and TLS 1.2 suites given, at security level 0. It chooses
 * `protocol` in ALPN when that is offered. */
SSL_CTX *_Nullable pctest_server_context(int min, int max, const char *suites, const char *_Nullable protocol);
/* Has every session of `context` staple these bytes (copied) when the client asks. */
void pctest_staple(SSL_CTX *context, const uint8_t *bytes, size_t length);
/* Sends `intermediate` after the leaf. */
bool pctest_add_intermediate(SSL *ssl, X509 *intermediate);

/* Bytes of this process's allocator that are in use. */
long pctest_bytes_in_use(void);
/* Starts to count allocations of OpenSSL's; false unless it is called before OpenSSL has made any. */
bool pctest_count_allocations(void);
long pctest_allocation_calls(void);

#pragma clang assume_nonnull end

#endif
