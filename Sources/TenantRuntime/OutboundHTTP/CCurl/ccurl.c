#define _GNU_SOURCE
#include "ccurl.h"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <unistd.h>
#include <stdlib.h>
#include <string.h>

static size_t give_body(char *buffer, size_t size, size_t count, void *user) {
  rh_transfer *transfer = user;
  size_t left = transfer->body_size - transfer->body_sent;
  size_t take = size * count < left ? size * count : left;
  if (take > 0) memcpy(buffer, transfer->body + transfer->body_sent, take);
  transfer->body_sent += take;
  return take;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *user) {
  rh_transfer *transfer = user;
  size_t incoming = size * count;
  size_t whole = incoming;
  if (transfer->answer_size + incoming > transfer->answer_limit) {
    if (!transfer->is_guarded) return 0; // ends the transfer with CURLE_WRITE_ERROR
    transfer->is_cut = 1;
    incoming = transfer->answer_limit - transfer->answer_size;
  }
  if (transfer->answer_size + incoming > transfer->answer_capacity) {
    size_t capacity = (transfer->answer_size + incoming) * 2;
    char *grown = realloc(transfer->answer, capacity);
    if (grown == NULL) return 0;
    transfer->answer = grown;
    transfer->answer_capacity = capacity;
  }
  memcpy(transfer->answer + transfer->answer_size, bytes, incoming);
  transfer->answer_size += incoming;
  return transfer->is_cut ? (whole > 0 ? whole - 1 : 1) : incoming; // cut: ends it too, with what fits in hand
}

static int ask_wanted(void *user, char *peer, char *own, int peer_port, int own_port) {
  (void)peer, (void)own, (void)peer_port, (void)own_port;
  rh_transfer *transfer = user;
  if (transfer->is_wanted == NULL || transfer->is_wanted(transfer->owner)) return CURL_PREREQFUNC_OK;
  transfer->is_held_back = 1;
  return CURL_PREREQFUNC_ABORT;
}

void rh_prepare(CURL *easy, rh_transfer *transfer, const char *method, const char *url, struct curl_slist *headers,
                const char *user_password, long connect_ms, long total_ms) {
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, total_ms);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  if (user_password != NULL) curl_easy_setopt(easy, CURLOPT_USERPWD, user_password);
  if (strcmp(method, "POST") == 0) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body_size);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
  } else if (strcmp(method, "GET") != 0) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    if (transfer->body_size > 0) {
      curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->body_size);
      curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
      curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    }
  }
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, ask_wanted);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
}

enum { header_limit = 32 << 10 };

static size_t take_header(char *bytes, size_t size, size_t count, void *user) {
  rh_transfer *transfer = user;
  size_t incoming = size * count;
  if (incoming >= 5 && memcmp(bytes, "HTTP/", 5) == 0) transfer->headers_size = 0; // an interim answer came before
  if (transfer->headers_size + incoming > header_limit) return incoming > 0 ? incoming - 1 : 1;
  if (transfer->headers == NULL) transfer->headers = malloc(header_limit);
  if (transfer->headers == NULL) return incoming > 0 ? incoming - 1 : 1;
  memcpy(transfer->headers + transfer->headers_size, bytes, incoming);
  transfer->headers_size += incoming;
  return incoming;
}

static int as_sixteen(const struct sockaddr *address, unsigned char *out) {
  if (address->sa_family == AF_INET) {
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    memcpy(out, mapped, 12);
    memcpy(out + 12, &((const struct sockaddr_in *)address)->sin_addr, 4);
    return 1;
  }
  if (address->sa_family != AF_INET6) return 0;
  memcpy(out, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
  return 1;
}

static curl_socket_t open_judged(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
  rh_transfer *transfer = user;
  unsigned char wanted[16];
  if (purpose != CURLSOCKTYPE_IPCXN || !as_sixteen(&address->addr, wanted)) return CURL_SOCKET_BAD;
  for (size_t index = 0; index < transfer->address_count; index++)
    if (memcmp(transfer->addresses + 16 * index, wanted, 16) == 0)
      return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  return CURL_SOCKET_BAD;
}

void rh_guard(CURL *easy, rh_transfer *transfer, struct curl_slist *resolve) {
  transfer->is_guarded = 1;
  curl_easy_setopt(easy, CURLOPT_RESOLVE, resolve);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_judged);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
}

rh_url *rh_url_parse(const char *text) {
  rh_url *url = calloc(1, sizeof *url);
  CURLU *parser = curl_url();
  char *zone = NULL;
  int good = url != NULL && parser != NULL && curl_url_set(parser, CURLUPART_URL, text, CURLU_DISALLOW_USER) == CURLUE_OK &&
             curl_url_set(parser, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
             curl_url_get(parser, CURLUPART_SCHEME, &url->scheme, 0) == CURLUE_OK &&
             curl_url_get(parser, CURLUPART_HOST, &url->host, 0) == CURLUE_OK &&
             curl_url_get(parser, CURLUPART_PORT, &url->port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
             curl_url_get(parser, CURLUPART_URL, &url->whole, 0) == CURLUE_OK;
  if (good) url->has_zone = curl_url_get(parser, CURLUPART_ZONEID, &zone, 0) == CURLUE_OK;
  curl_free(zone);
  curl_url_cleanup(parser);
  if (good) return url;
  rh_url_free(url);
  return NULL;
}

void rh_url_free(rh_url *url) {
  if (url == NULL) return;
  curl_free(url->whole);
  curl_free(url->scheme);
  curl_free(url->host);
  curl_free(url->port);
  free(url);
}

int rh_resolve(const char *host, unsigned char *addresses, int most) {
  // Of this thread alone: servers that say nothing are given up after some seconds, not after half a minute.
  if ((_res.options & RES_INIT) != 0 || res_init() == 0) {
    _res.retrans = 1;
    _res.retry = 2;
  }
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
  int error = getaddrinfo(host, NULL, &hints, &found);
  if (error != 0) return error < 0 ? error : -error;
  int count = 0;
  for (struct addrinfo *entry = found; entry != NULL && count < most; entry = entry->ai_next)
    if (as_sixteen(entry->ai_addr, addresses + 16 * count)) count++;
  freeaddrinfo(found);
  return count;
}

void rh_transfer_reset(rh_transfer *transfer) {
  free(transfer->answer);
  free(transfer->headers);
  memset(transfer, 0, sizeof *transfer);
}

void rh_multi_limits(CURLM *multi, long connections) {
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections);
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
}

void rh_set_private(CURL *easy, void *pointer) { curl_easy_setopt(easy, CURLOPT_PRIVATE, pointer); }

void *rh_private(CURL *easy) {
  char *pointer = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &pointer);
  return pointer;
}

long rh_status(CURL *easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

long rh_bytes_sent(CURL *easy) {
  long sent = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
  return sent;
}

CURL *rh_next_done(CURLM *multi, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return NULL;
}
