/* Shared by the C files of this target only. */
#ifndef PORTCULLIS_COPENSSL_INTERNAL_H
#define PORTCULLIS_COPENSSL_INTERNAL_H

#include "COpenSSL.h"

/* The session an SSL belongs to. */
pctls_session *pctls_session_of(const SSL *ssl);
void *pctls_session_owner(pctls_session *session);

#endif
