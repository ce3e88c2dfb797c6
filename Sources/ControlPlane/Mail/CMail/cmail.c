#include "cmail.h"
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

static size_t read_body(char *into, size_t size, size_t count, void *owner) {
  rh_mail *mail = owner;
  size_t room = size * count, left = mail->size - mail->sent, take = left < room ? left : room;
  memcpy(into, mail->body + mail->sent, take);
  mail->sent += take;
  return take;
}

// What a server says is no business of our standard output.
static size_t drop(char *bytes, size_t size, size_t count, void *owner) {
  (void)bytes, (void)owner;
  return size * count;
}

int rh_mail_send(rh_mail *mail) {
  CURL *easy = curl_easy_init();
  if (!easy) return RH_MAIL_FAILED;
  struct curl_slist *to = curl_slist_append(NULL, mail->to);
  curl_easy_setopt(easy, CURLOPT_URL, mail->url);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail->from);
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
  curl_easy_setopt(easy, CURLOPT_READDATA, mail);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
  curl_easy_setopt(easy, CURLOPT_USE_SSL, mail->needs_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
  if (!mail->needs_tls) {
    // Loopback: nobody listens between, and its certificate, if it has one, is nobody's name.
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  const char *authorities = getenv("SSL_CERT_FILE"); // as OpenSSL's own programs take it
  if (authorities && *authorities) curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
  if (mail->user) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, mail->user);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, mail->password ? mail->password : "");
  }
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, mail->connect_ms);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, mail->total_ms);
  mail->error[0] = 0;
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, mail->error);
  CURLcode result = curl_easy_perform(easy);
  if (result != CURLE_OK && mail->error[0] == 0) {
    strncpy(mail->error, curl_easy_strerror(result), sizeof mail->error - 1);
    mail->error[sizeof mail->error - 1] = 0;
  }
  mail->reply = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &mail->reply);
  curl_slist_free_all(to);
  curl_easy_cleanup(easy);
  if (result == CURLE_OK) return RH_MAIL_SENT;
  return result == CURLE_LOGIN_DENIED ? RH_MAIL_DENIED : RH_MAIL_FAILED;
}
