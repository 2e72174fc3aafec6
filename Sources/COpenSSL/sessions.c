#include "internal.h"

#include <openssl/err.h>
#include <openssl/tls1.h>
#include <pthread.h>
#include <string.h>

/* Bytes that wait, in memory that exists only while they do. */
typedef struct {
    uint8_t *bytes;
    size_t start;
    size_t end;
    size_t capacity;
} byte_queue;

struct pctls_session {
    SSL *ssl;
    void *owner;
    const uint8_t *lent_input;
    size_t lent_input_length;
    uint8_t *lent_output;
    size_t lent_output_capacity;
    size_t lent_output_length;
    byte_queue input;
    byte_queue output;
    bool end_of_input;
};

static bool queue_append(byte_queue *queue, const uint8_t *bytes, size_t length) {
    if (length == 0) return true;
    if (queue->capacity - queue->end < length) {
        size_t waiting = queue->end - queue->start;
        if (length > SIZE_MAX / 2 - waiting) return false;
        size_t wanted = waiting + length;
        if (wanted > queue->capacity) {
            size_t capacity = wanted < 2 * queue->capacity ? 2 * queue->capacity : wanted;
            uint8_t *grown = OPENSSL_malloc(capacity);
            if (grown == NULL) return false;
            if (waiting > 0) memcpy(grown, queue->bytes + queue->start, waiting);
            OPENSSL_free(queue->bytes);
            queue->bytes = grown;
            queue->capacity = capacity;
        } else {
            memmove(queue->bytes, queue->bytes + queue->start, waiting);
        }
        queue->start = 0;
        queue->end = waiting;
    }
    memcpy(queue->bytes + queue->end, bytes, length);
    queue->end += length;
    return true;
}

static void queue_consume(byte_queue *queue, size_t length) {
    size_t waiting = queue->end - queue->start;
    queue->start += length < waiting ? length : waiting;
    if (queue->start < queue->end) return;
    OPENSSL_free(queue->bytes);
    *queue = (byte_queue){0};
}

/* ---- The BIO: a session's own memory in place of a socket -------------------------------------------------------- */

static int wire_read(BIO *bio, char *bytes, int length) {
    pctls_session *session = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (bytes == NULL || length <= 0) return 0;
    size_t kept = session->input.end - session->input.start;
    size_t count = kept > 0 ? kept : session->lent_input_length;
    if (count > (size_t)length) count = (size_t)length;
    if (count == 0) {
        if (session->end_of_input) return 0;
        BIO_set_retry_read(bio);
        return -1;
    }
    if (kept > 0) {
        memcpy(bytes, session->input.bytes + session->input.start, count);
        queue_consume(&session->input, count);
    } else {
        memcpy(bytes, session->lent_input, count);
        session->lent_input += count;
        session->lent_input_length -= count;
    }
    return (int)count;
}

static int wire_write(BIO *bio, const char *bytes, int length) {
    pctls_session *session = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (bytes == NULL || length <= 0) return 0;
    const uint8_t *rest = (const uint8_t *)bytes;
    size_t count = (size_t)length;
    /* Lent memory comes first, unless bytes already wait in the queue: order is order. */
    if (session->output.end == 0 && session->lent_output_length < session->lent_output_capacity) {
        size_t room = session->lent_output_capacity - session->lent_output_length;
        size_t direct = count < room ? count : room;
        memcpy(session->lent_output + session->lent_output_length, rest, direct);
        session->lent_output_length += direct;
        rest += direct;
        count -= direct;
    }
    return queue_append(&session->output, rest, count) ? length : -1;
}

static long wire_control(BIO *bio, int command, long number, void *pointer) {
    (void)number, (void)pointer;
    const pctls_session *session = BIO_get_data(bio);
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return session->end_of_input && session->input.end == 0 && session->lent_input_length == 0;
    default:
        return 0;
    }
}

static BIO_METHOD *wire_method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_wire_method(void) {
    wire_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "portcullis wire");
    if (wire_method == NULL) return;
    BIO_meth_set_read(wire_method, wire_read);
    BIO_meth_set_write(wire_method, wire_write);
    BIO_meth_set_ctrl(wire_method, wire_control);
}

/* ---- Life ------------------------------------------------------------------------------------------------------- */

pctls_session *pctls_session_of(const SSL *ssl) { return SSL_get_app_data(ssl); }

void *pctls_session_owner(pctls_session *session) { return session->owner; }

pctls_session *pctls_session_new(SSL_CTX *context, bool is_server) {
    pthread_once(&once, make_wire_method);
    pctls_session *session = OPENSSL_zalloc(sizeof *session);
    BIO *bio = wire_method == NULL ? NULL : BIO_new(wire_method);
    SSL *ssl = SSL_new(context);
    if (session == NULL || bio == NULL || ssl == NULL) {
        SSL_free(ssl);
        BIO_free(bio);
        OPENSSL_free(session);
        return NULL;
    }
    BIO_set_data(bio, session);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_app_data(ssl, session);
    if (is_server) SSL_set_accept_state(ssl); else SSL_set_connect_state(ssl);
    session->ssl = ssl;
    return session;
}

void pctls_session_free(pctls_session *session) {
    SSL_free(session->ssl);
    OPENSSL_free(session->input.bytes);
    OPENSSL_free(session->output.bytes);
    OPENSSL_free(session);
}

SSL *pctls_session_ssl(pctls_session *session) { return session->ssl; }

void pctls_session_set_owner(pctls_session *session, void *owner) { session->owner = owner; }

bool pctls_session_set_certificate(pctls_session *session, X509 *leaf, EVP_PKEY *key) {
    return SSL_use_cert_and_key(session->ssl, leaf, key, NULL, 1) == 1;
}

bool pctls_session_set_resumption_scope(pctls_session *session, const uint8_t *bytes, size_t length) {
    return length <= SSL_MAX_SID_CTX_LENGTH && SSL_set_session_id_context(session->ssl, bytes, (unsigned int)length) == 1;
}

bool pctls_session_set_server_name(pctls_session *session, const char *name) {
    return SSL_set_tlsext_host_name(session->ssl, name) == 1;
}

bool pctls_session_resume(pctls_session *session, const uint8_t *bytes, size_t length) {
    SSL_SESSION *resumed = d2i_SSL_SESSION(NULL, &bytes, (long)length);
    if (resumed == NULL) {
        ERR_clear_error();
        return false;
    }
    bool set = SSL_set_session(session->ssl, resumed) == 1;
    SSL_SESSION_free(resumed);
    return set;
}

/* ---- Bytes ------------------------------------------------------------------------------------------------------ */

void pctls_session_lend_input(pctls_session *session, const uint8_t *bytes, size_t length) {
    session->lent_input = bytes;
    session->lent_input_length = length;
}

bool pctls_session_end_input(pctls_session *session) {
    bool kept = queue_append(&session->input, session->lent_input, session->lent_input_length);
    session->lent_input = NULL;
    session->lent_input_length = 0;
    return kept;
}

void pctls_session_set_end_of_input(pctls_session *session) { session->end_of_input = true; }

size_t pctls_session_kept_input(const pctls_session *session) { return session->input.end - session->input.start; }

void pctls_session_lend_output(pctls_session *session, uint8_t *bytes, size_t capacity) {
    session->lent_output = bytes;
    session->lent_output_capacity = capacity;
    session->lent_output_length = 0;
}

size_t pctls_session_end_output(pctls_session *session) {
    size_t length = session->lent_output_length;
    session->lent_output = NULL;
    session->lent_output_capacity = 0;
    session->lent_output_length = 0;
    return length;
}

const uint8_t *pctls_session_output(const pctls_session *session, size_t *length) {
    *length = session->output.end - session->output.start;
    return *length == 0 ? NULL : session->output.bytes + session->output.start;
}

void pctls_session_consume_output(pctls_session *session, size_t length) { queue_consume(&session->output, length); }

static pctls_status status_of(pctls_session *session, int result) {
    switch (SSL_get_error(session->ssl, result)) {
    case SSL_ERROR_NONE:
        return PCTLS_DONE;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return PCTLS_WANTS_IO;
    case SSL_ERROR_ZERO_RETURN:
        return PCTLS_CLOSED;
    default:
        return PCTLS_FAILED;
    }
}

pctls_status pctls_session_handshake(pctls_session *session) {
    ERR_clear_error();
    return status_of(session, SSL_do_handshake(session->ssl));
}

/* Whether SSL_read could only say that it wants more, after taking a record buffer for nothing. */
static bool has_nothing_to_read(const pctls_session *session) {
    return session->input.end == 0 && session->lent_input_length == 0 && !session->end_of_input
        && SSL_pending(session->ssl) == 0 && (SSL_get_shutdown(session->ssl) & SSL_RECEIVED_SHUTDOWN) == 0;
}

pctls_status pctls_session_read(pctls_session *session, uint8_t *bytes, size_t capacity, size_t *count) {
    *count = 0;
    pctls_status status = PCTLS_WANTS_IO;
    if (!has_nothing_to_read(session)) {
        ERR_clear_error();
        status = status_of(session, SSL_read_ex(session->ssl, bytes, capacity, count));
    }
    /* SSL_MODE_RELEASE_BUFFERS forgets the write buffer that a ticket or key update took. Incomplete records stay. */
    if (status == PCTLS_WANTS_IO) SSL_free_buffers(session->ssl);
    return status;
}

pctls_status pctls_session_write(pctls_session *session, const uint8_t *bytes, size_t length, size_t *count) {
    ERR_clear_error();
    *count = 0;
    return status_of(session, SSL_write_ex(session->ssl, bytes, length, count));
}

pctls_status pctls_session_shutdown(pctls_session *session) {
    ERR_clear_error();
    int result = SSL_shutdown(session->ssl);
    if (result >= 0) return PCTLS_DONE; /* 0: sent, the peer's not here yet */
    return status_of(session, result);
}

void pctls_session_trim(pctls_session *session) {
    SSL *ssl = session->ssl;
    if (SSL_is_server(ssl)) {
        SSL_certs_clear(ssl);
    } else {
        SSL_set_tlsext_status_ocsp_resp(ssl, NULL, 0);
        /* The session owns this stack and its certificates, and nothing asks for them again: an empty one does as well. */
        STACK_OF(X509) *presented = SSL_get_peer_cert_chain(ssl);
        while (presented != NULL && sk_X509_num(presented) > 0) X509_free(sk_X509_pop(presented));
    }
    SSL_free_buffers(ssl);
}
