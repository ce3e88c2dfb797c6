// Typed doors to libcurl's variadic calls, and the one transfer shape that Roundhouse uses (Outside/CurlClient.swift).
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
  // Guarded calls only (rh_guard): an answer beyond its limit is cut there instead of failing the call.
  int is_guarded, is_cut;
  const unsigned char *addresses; // sixteen bytes each, IPv4 as ::ffff:a.b.c.d; owned by the caller
  size_t address_count;
  char *headers;
  size_t headers_size;
  // Asked once the connection stands, right before the request is written; 0 ends the transfer with nothing sent. May be NULL.
  int (*is_wanted)(void *owner);
  void *owner;
  int is_held_back;
} rh_transfer;

// Prepares a (possibly used) easy handle for one request. The body goes through a read callback *without* a seek callback: when a
// reused connection dies, libcurl would send a POST again by itself; it cannot rewind here, so it fails with CURLE_SEND_FAIL_REWIND instead.
void rh_prepare(CURL *easy, rh_transfer *transfer, const char *method, const char *url, struct curl_slist *headers,
                const char *user_password, long connect_ms, long total_ms);

// After rh_prepare, for an address that a stranger has named: a socket is opened to the given addresses and to no other, whatever the
// name resolves to meanwhile; no proxy from the environment; the answer's headers are kept. `resolve` as CURLOPT_RESOLVE has it, or NULL.
void rh_guard(CURL *easy, rh_transfer *transfer, struct curl_slist *resolve);

// Reads a URL with the parser that will fetch it, so that nobody can read it differently. NULL when it is not one, or names a user.
typedef struct rh_url {
  char *whole, *scheme, *host, *port;
  int has_zone;
} rh_url;
rh_url *rh_url_parse(const char *text);
void rh_url_free(rh_url *url);

// Asks the system's resolver and blocks. Answers how many addresses were written, or a negative getaddrinfo error.
int rh_resolve(const char *host, unsigned char *addresses, int most);

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
