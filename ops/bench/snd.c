/* The reference for sending: a bare libcurl-multi loop, keep-alive, the same body, no database.
   snd URL COUNT CONNECTIONS → prints the seconds it took; exit 1 unless every answer was 201. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t swallow(char *p, size_t s, size_t n, void *u) { (void)p; (void)u; return s * n; }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const char *url = argv[1];
  long count = atol(argv[2]), connections = atol(argv[3]), begun = 0, done = 0, good = 0;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections);
  double start = now();
  char body[512];
  for (long i = 0; i < connections && begun < count; i++) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(easy, CURLOPT_USERPWD, "AC00000000000000000000000000000000:token");
    snprintf(body, sizeof body, "To=%%2B1415%07ld&From=%%2B14155550100&Body=Hi+P%ld%%2C+20%%25+off&StatusCallback=http%%3A%%2F%%2F127.0.0.1%%2Fstatus%%3Fjob%%3D%ld", begun, begun, begun);
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body);
    curl_multi_add_handle(multi, easy);
    begun++;
  }
  while (done < count) {
    int running, left;
    curl_multi_perform(multi, &running);
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL *easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      good += status == 201;
      done++;
      curl_multi_remove_handle(multi, easy);
      if (begun < count) {
        snprintf(body, sizeof body, "To=%%2B1415%07ld&From=%%2B14155550100&Body=Hi+P%ld%%2C+20%%25+off&StatusCallback=http%%3A%%2F%%2F127.0.0.1%%2Fstatus%%3Fjob%%3D%ld", begun, begun, begun);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body);
        curl_multi_add_handle(multi, easy);
        begun++;
      } else {
        curl_easy_cleanup(easy);
      }
    }
    curl_multi_poll(multi, NULL, 0, 100, NULL);
  }
  printf("%.4f\n", now() - start);
  return good == count ? 0 : 1;
}
