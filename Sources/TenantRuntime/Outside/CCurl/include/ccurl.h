// Typed doors to libcurl's variadic calls, and the one transfer shape that Roundhouse uses (Outside/HTTPDoor.swift).
#ifndef ROUNDHOUSE_CCURL_H
#define ROUNDHOUSE_CCURL_H
#include <curl/curl.h>
#include <stddef.h>

// The memory of one transfer. `body` is owned by the caller until the transfer is done; `answer` is freed by rh_transfer_reset.
typedef struct rh_transfer {
  const char *body;
  size_t body_size, body_sent;
  char *answer;
  size_t answer_size, answer_capacity, answer_limit;
} rh_transfer;

// Prepares a (possibly used) easy handle for one request. The body goes through a read callback *without* a seek callback: when a
// reused connection dies, libcurl would send a POST again by itself; it cannot rewind here, so it fails with CURLE_SEND_FAIL_REWIND instead.
void rh_prepare(CURL *easy, rh_transfer *transfer, const char *method, const char *url, struct curl_slist *headers,
                const char *user_password, long connect_ms, long total_ms);

void rh_transfer_reset(rh_transfer *transfer);
void rh_multi_limits(CURLM *multi, long connections);
void rh_set_private(CURL *easy, void *pointer);
void *rh_private(CURL *easy);
long rh_status(CURL *easy);
// Bytes of request that left for the peer; 0 proves that the peer cannot have seen the request.
long rh_bytes_sent(CURL *easy);
// The next finished transfer, or NULL.
CURL *rh_next_done(CURLM *multi, CURLcode *result);
#endif
