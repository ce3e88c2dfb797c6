#include "ccurl.h"

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
  if (transfer->answer_size + incoming > transfer->answer_limit) return 0; // ends the transfer with CURLE_WRITE_ERROR
  if (transfer->answer_size + incoming > transfer->answer_capacity) {
    size_t capacity = (transfer->answer_size + incoming) * 2;
    char *grown = realloc(transfer->answer, capacity);
    if (grown == NULL) return 0;
    transfer->answer = grown;
    transfer->answer_capacity = capacity;
  }
  memcpy(transfer->answer + transfer->answer_size, bytes, incoming);
  transfer->answer_size += incoming;
  return incoming;
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
}

void rh_transfer_reset(rh_transfer *transfer) {
  free(transfer->answer);
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
