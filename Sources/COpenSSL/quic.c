#include "COpenSSL.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

enum { HASH = 32, SAMPLE = 16, TAG = 16 };

static bool hmac(const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t length, uint8_t *out) {
    static const uint8_t nothing = 0;
    size_t written = 0;
    return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key_length == 0 ? &nothing : key, key_length, bytes, length, out,
                     HASH, &written) != NULL
        && written == HASH;
}

/* HKDF-Expand-Label of RFC 8446 section 7.1 without context, for at most one block of output. */
static bool expand(const uint8_t *secret, const char *prefix, const char *label, uint8_t *out, size_t length) {
    uint8_t info[64], block[HASH];
    int text = snprintf((char *)info + 3, sizeof info - 5, "tls13 %s%s", prefix, label);
    if (text < 0 || (size_t)text >= sizeof info - 5 || length > HASH) return false;
    info[0] = 0;
    info[1] = (uint8_t)length;
    info[2] = (uint8_t)text;
    info[3 + text] = 0; /* no context */
    info[4 + text] = 1; /* the first block of HKDF-Expand (RFC 5869 section 2.3) */
    bool done = hmac(secret, HASH, info, 5 + (size_t)text, block);
    if (done) memcpy(out, block, length);
    return done;
}

bool pctls_quic_client_keys(const uint8_t *salt, size_t salt_length, const uint8_t *id, size_t id_length,
                            const char *prefix, pctls_quic_keys *keys) {
    static const uint8_t nothing = 0;
    uint8_t initial[HASH], client[HASH];
    char label[16];
    snprintf(label, sizeof label, "%s ", prefix);
    bool done = hmac(salt, salt_length, id == NULL ? &nothing : id, id_length, initial)
        && expand(initial, "client ", "in", client, HASH) && expand(client, label, "key", keys->key, sizeof keys->key)
        && expand(client, label, "iv", keys->iv, sizeof keys->iv) && expand(client, label, "hp", keys->hp, sizeof keys->hp);
    ERR_clear_error();
    return done;
}

/* The mask of header protection (RFC 9001 section 5.4.3). */
static bool mask_of(EVP_CIPHER_CTX *context, const pctls_quic_keys *keys, const uint8_t *sample, uint8_t *mask) {
    int length = 0;
    return EVP_EncryptInit_ex2(context, EVP_aes_128_ecb(), keys->hp, NULL, NULL) == 1
        && EVP_CIPHER_CTX_set_padding(context, 0) == 1
        && EVP_EncryptUpdate(context, mask, &length, sample, SAMPLE) == 1 && length == SAMPLE;
}

static int64_t open_with(EVP_CIPHER_CTX *context, const pctls_quic_keys *keys, const uint8_t *packet, size_t length,
                         size_t number_offset, uint8_t *out) {
    uint8_t mask[SAMPLE], number[4], nonce[12];
    if (!mask_of(context, keys, packet + number_offset + 4, mask)) return -1;
    uint8_t first = packet[0] ^ (mask[0] & 0x0f);
    size_t number_length = (size_t)(first & 3) + 1;
    memcpy(nonce, keys->iv, sizeof nonce);
    for (size_t index = 0; index < number_length; index++) {
        number[index] = packet[number_offset + index] ^ mask[1 + index];
        nonce[sizeof nonce - number_length + index] ^= number[index];
    }
    size_t start = number_offset + number_length, sealed = length - start - TAG;
    uint8_t tag[TAG];
    memcpy(tag, packet + length - TAG, TAG);
    int written = 0, ignored = 0;
    bool done = EVP_CIPHER_CTX_reset(context) == 1
        && EVP_DecryptInit_ex2(context, EVP_aes_128_gcm(), keys->key, nonce, NULL) == 1
        && EVP_DecryptUpdate(context, NULL, &ignored, &first, 1) == 1
        && EVP_DecryptUpdate(context, NULL, &ignored, packet + 1, (int)(number_offset - 1)) == 1
        && EVP_DecryptUpdate(context, NULL, &ignored, number, (int)number_length) == 1
        && EVP_DecryptUpdate(context, out, &written, packet + start, (int)sealed) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1
        && EVP_DecryptFinal_ex(context, out + written, &ignored) == 1;
    return done ? written : -1;
}

int64_t pctls_quic_open(const pctls_quic_keys *keys, const uint8_t *packet, size_t length, size_t number_offset,
                        uint8_t *out) {
    /* The sample is taken as if the packet number had four bytes (RFC 9001 section 5.4.2). */
    if (number_offset == 0 || length > 65535 || number_offset > length || length - number_offset < 4 + SAMPLE) return -1;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL) return -1;
    int64_t written = open_with(context, keys, packet, length, number_offset, out);
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
    return written;
}
