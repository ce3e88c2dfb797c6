#include "cares.h"

#include <ares.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

typedef struct {
  unsigned char *out;
  size_t capacity, written;
  int outcome, is_done;
} question;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int library;

static void start_library(void) { library = ares_library_init(ARES_LIB_INIT_ALL); }

static void put_size(unsigned char *at, size_t size) {
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(size >> 8 * i);
}

static void keep(question *q, const struct ares_txt_ext *texts) {
  for (const struct ares_txt_ext *part = texts; part != NULL;) {
    const struct ares_txt_ext *next = part;
    size_t size = 0;
    do {
      size += next->length;
      next = next->next;
    } while (next != NULL && !next->record_start);
    if (size <= q->capacity && q->written + 4 + size <= q->capacity) {
      put_size(q->out + q->written, size);
      q->written += 4;
      for (; part != next; part = part->next) {
        memcpy(q->out + q->written, part->txt, part->length);
        q->written += part->length;
      }
    }
    part = next;
  }
}

static void answered(void *argument, int status, int timeouts, unsigned char *answer, int size) {
  (void)timeouts;
  question *q = argument;
  q->is_done = 1;
  struct ares_txt_ext *texts = NULL;
  if (status == ARES_SUCCESS) status = ares_parse_txt_reply_ext(answer, size, &texts);
  switch (status) {
    case ARES_SUCCESS:
      keep(q, texts);
      q->outcome = q->written > 0 ? RH_TXT_FOUND : RH_TXT_NONE;
      break;
    case ARES_ENODATA:
    case ARES_ENOTFOUND: q->outcome = RH_TXT_NONE; break;
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION: q->outcome = RH_TXT_TIMEOUT; break;
    default: q->outcome = RH_TXT_FAILED;
  }
  if (texts != NULL) ares_free_data(texts);
}

static long left_until(const struct timespec *end) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
}

static void wait_for(ares_channel channel, question *q, int milliseconds) {
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += milliseconds / 1000;
  end.tv_nsec += milliseconds % 1000 * 1000000L;
  while (!q->is_done) {
    long left = left_until(&end);
    if (left <= 0) return ares_cancel(channel);
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd polled[ARES_GETSOCK_MAXNUM];
    int bits = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM), count = 0;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
      short events = (ARES_GETSOCK_READABLE(bits, i) ? POLLIN : 0) | (ARES_GETSOCK_WRITABLE(bits, i) ? POLLOUT : 0);
      if (events != 0) polled[count++] = (struct pollfd){.fd = sockets[i], .events = events};
    }
    struct timeval most = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000}, next;
    ares_timeout(channel, &most, &next);
    poll(polled, (nfds_t)count, (int)(next.tv_sec * 1000 + next.tv_usec / 1000) + 1);
    int is_any = 0;
    for (int i = 0; i < count; i++) {
      if (polled[i].revents == 0) continue;
      is_any = 1;
      ares_process_fd(channel, polled[i].revents & ~POLLOUT ? polled[i].fd : ARES_SOCKET_BAD,
                      polled[i].revents & POLLOUT ? polled[i].fd : ARES_SOCKET_BAD);
    }
    if (!is_any) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); // what has timed out
  }
}

int rh_txt(const char *server, const char *name, int milliseconds, unsigned char *out, size_t capacity, size_t *written) {
  question q = {.out = out, .capacity = capacity, .outcome = RH_TXT_FAILED};
  ares_channel channel;
  struct ares_options options = {.timeout = milliseconds / 3, .tries = 2};
  *written = 0;
  pthread_once(&once, start_library);
  if (library != ARES_SUCCESS || ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) != ARES_SUCCESS) {
    return RH_TXT_FAILED;
  }
  if (server == NULL || ares_set_servers_ports_csv(channel, server) == ARES_SUCCESS) {
    ares_query(channel, name, 1 /* IN */, 16 /* TXT */, answered, &q);
    wait_for(channel, &q, milliseconds);
  }
  ares_destroy(channel);
  *written = q.written;
  return q.outcome;
}
