#include "internal.h"

#include <openssl/core_names.h>
#include <pthread.h>
#include <string.h>

/* A key for session tickets (RFC 5077 section 4, RFC 8446 section 4.6.1). */
typedef struct {
    uint8_t name[16];
    uint8_t cipher[32];
    uint8_t mac[32];
} ticket_key;

/* Sessions of several threads share a context, so the keys have a lock. */
typedef struct {
    pthread_rwlock_t lock;
    ticket_key keys[2]; /* [0] seals; both open */
    int count;
} ticket_keys;

static int ticket_keys_index = -1;
static int hooks_index = -1;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_ticket_keys(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long argl, void *argp) {
    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    ticket_keys *keys = value;
    if (keys == NULL) return;
    pthread_rwlock_destroy(&keys->lock);
    OPENSSL_clear_free(keys, sizeof *keys);
}

static void free_hooks(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long argl, void *argp) {
    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    OPENSSL_free(value);
}

static void make_indices(void) {
    ticket_keys_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_ticket_keys);
    hooks_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_hooks);
}

/* What both sides share: little memory while idle, no renegotiation, no compression. */
static SSL_CTX *new_context(const SSL_METHOD *method) {
    pthread_once(&once, make_indices);
    if (ticket_keys_index < 0 || hooks_index < 0) return NULL;
    SSL_CTX *context = SSL_CTX_new(method);
    if (context == NULL) return NULL;
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_read_ahead(context, 0);
    SSL_CTX_set_security_level(context, 2);
    return context;
}

/* ---- Server ----------------------------------------------------------------------------------------------------- */

static int select_http_1_1(SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *offered,
                           unsigned int length, void *unused) {
    (void)ssl, (void)unused;
    static const char wanted[] = "http/1.1";
    for (unsigned int at = 0; at < length; at += 1 + offered[at]) {
        if (offered[at] != sizeof wanted - 1 || offered[at] > length - at - 1) continue;
        if (memcmp(offered + at + 1, wanted, sizeof wanted - 1) != 0) continue;
        *out = offered + at + 1;
        *out_length = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;
}

static int start_ticket(const ticket_key *key, const uint8_t *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal) {
    OSSL_PARAM params[3];
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key->mac, sizeof key->mac);
    params[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0);
    params[2] = OSSL_PARAM_construct_end();
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, seal) == 1
        && EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal) {
    ticket_keys *keys = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), ticket_keys_index);
    if (keys == NULL) return seal ? -1 : 0;
    int result = 0; /* opening: "not one of ours", a full handshake follows */
    pthread_rwlock_rdlock(&keys->lock);
    if (seal) {
        if (keys->count > 0 && RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1) {
            memcpy(name, keys->keys[0].name, sizeof keys->keys[0].name);
            result = start_ticket(&keys->keys[0], iv, cipher, mac, 1) ? 1 : -1;
        } else {
            result = -1;
        }
    } else {
        for (int index = 0; index < keys->count; index++) {
            if (CRYPTO_memcmp(name, keys->keys[index].name, sizeof keys->keys[index].name) != 0) continue;
            /* 2 asks for a fresh ticket: TLS 1.3 clients use each once, and a key may be on its way out. */
            bool wants_fresh = index > 0 || SSL_version(ssl) >= TLS1_3_VERSION;
            result = start_ticket(&keys->keys[index], iv, cipher, mac, 0) ? (wants_fresh ? 2 : 1) : -1;
            break;
        }
    }
    pthread_rwlock_unlock(&keys->lock);
    return result;
}

bool pctls_context_rotate_ticket_key(SSL_CTX *context) {
    ticket_keys *keys = SSL_CTX_get_ex_data(context, ticket_keys_index);
    ticket_key fresh;
    if (keys == NULL || RAND_priv_bytes((unsigned char *)&fresh, sizeof fresh) != 1) return false;
    pthread_rwlock_wrlock(&keys->lock);
    keys->keys[1] = keys->keys[0];
    keys->keys[0] = fresh;
    if (keys->count < 2) keys->count++;
    pthread_rwlock_unlock(&keys->lock);
    OPENSSL_cleanse(&fresh, sizeof fresh);
    return true;
}

SSL_CTX *pctls_context_new_server(void) {
    SSL_CTX *context = new_context(TLS_server_method());
    if (context == NULL) return NULL;
    ticket_keys *keys = OPENSSL_zalloc(sizeof *keys);
    if (keys == NULL || pthread_rwlock_init(&keys->lock, NULL) != 0) {
        OPENSSL_free(keys);
        SSL_CTX_free(context);
        return NULL;
    }
    if (SSL_CTX_set_ex_data(context, ticket_keys_index, keys) != 1) {
        free_ticket_keys(NULL, keys, NULL, 0, 0, NULL);
        SSL_CTX_free(context);
        return NULL;
    }
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* tickets only: no state here */
    SSL_CTX_set_alpn_select_cb(context, select_http_1_1, NULL);
    if (!pctls_context_rotate_ticket_key(context) || SSL_CTX_set_num_tickets(context, 1) != 1
        || SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket) != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

/* ---- Client ----------------------------------------------------------------------------------------------------- */

static const pctls_client_hooks *hooks_of(const SSL *ssl) {
    return SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), hooks_index);
}

static int on_verify(X509_STORE_CTX *store, void *unused) {
    (void)unused;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    STACK_OF(X509) *presented = X509_STORE_CTX_get0_untrusted(store);
    int error = X509_V_ERR_UNSPECIFIED;
    if (ssl != NULL && presented != NULL)
        error = hooks_of(ssl)->verify(pctls_session_owner(pctls_session_of(ssl)), presented);
    X509_STORE_CTX_set_error(store, error);
    return error == X509_V_OK;
}

static int on_staple(SSL *ssl, void *unused) {
    (void)unused;
    if (SSL_session_reused(ssl)) return 1;
    const uint8_t *bytes = NULL;
    long length = SSL_get_tlsext_status_ocsp_resp(ssl, &bytes);
    if (bytes == NULL || length < 0) length = 0;
    return hooks_of(ssl)->staple(pctls_session_owner(pctls_session_of(ssl)), length == 0 ? NULL : bytes, (size_t)length);
}

static int on_new_session(SSL *ssl, SSL_SESSION *session) {
    if (SSL_SESSION_is_resumable(session)) {
        uint8_t *bytes = NULL;
        int length = i2d_SSL_SESSION(session, &bytes);
        if (length > 0) {
            hooks_of(ssl)->resumable(pctls_session_owner(pctls_session_of(ssl)), bytes, (size_t)length,
                                     SSL_version(ssl) >= TLS1_3_VERSION);
            OPENSSL_clear_free(bytes, (size_t)length);
        }
    }
    return 0; /* no reference kept */
}

SSL_CTX *pctls_context_new_client(pctls_client_hooks hooks) {
    SSL_CTX *context = new_context(TLS_client_method());
    if (context == NULL) return NULL;
    pctls_client_hooks *copy = OPENSSL_memdup(&hooks, sizeof hooks);
    if (copy == NULL || SSL_CTX_set_ex_data(context, hooks_index, copy) != 1) {
        OPENSSL_free(copy);
        SSL_CTX_free(context);
        return NULL;
    }
    static const uint8_t http_1_1[] = "\x08http/1.1";
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context, on_verify, NULL);
    SSL_CTX_set_tlsext_status_cb(context, on_staple);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_new_session);
    if (SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp) != 1
        || SSL_CTX_set_alpn_protos(context, http_1_1, sizeof http_1_1 - 1) != 0) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

/* ---- Both ------------------------------------------------------------------------------------------------------- */

bool pctls_context_set_versions(SSL_CTX *context, int min, int max) {
    return SSL_CTX_set_min_proto_version(context, min) == 1 && SSL_CTX_set_max_proto_version(context, max) == 1;
}

bool pctls_context_set_groups(SSL_CTX *context, const char *groups) {
    return SSL_CTX_set1_groups_list(context, groups) == 1;
}

bool pctls_context_set_signature_algorithms(SSL_CTX *context, const char *algorithms) {
    return SSL_CTX_set1_sigalgs_list(context, algorithms) == 1;
}
