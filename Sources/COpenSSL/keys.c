#include "COpenSSL.h"

#include <openssl/err.h>

bool pctls_sha256(const uint8_t *bytes, size_t length, uint8_t *digest) {
    static const uint8_t nothing = 0;
    return EVP_Q_digest(NULL, "SHA256", NULL, bytes == NULL ? &nothing : bytes, length, digest, NULL) == 1;
}

EVP_PKEY *pctls_key_generate_p256(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"); }

EVP_PKEY *pctls_key_read(const uint8_t *der, size_t length) {
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, (long)length);
    ERR_clear_error();
    return key;
}

size_t pctls_key_write_private(EVP_PKEY *key, uint8_t **out) {
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    if (info == NULL) return 0;
    *out = NULL;
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, out);
    PKCS8_PRIV_KEY_INFO_free(info);
    return length > 0 ? (size_t)length : 0;
}

size_t pctls_key_write_public(EVP_PKEY *key, uint8_t **out) {
    *out = NULL;
    int length = i2d_PUBKEY(key, out);
    return length > 0 ? (size_t)length : 0;
}

void pctls_bytes_free(uint8_t *bytes, size_t length) { OPENSSL_clear_free(bytes, length); }

size_t pctls_sign(EVP_PKEY *key, const char *digest, const uint8_t *bytes, size_t length, uint8_t *out,
                  size_t capacity) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return 0;
    size_t count = capacity;
    if (EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) != 1
        || EVP_DigestSign(context, out, &count, bytes, length) != 1)
        count = 0;
    EVP_MD_CTX_free(context);
    return count;
}
