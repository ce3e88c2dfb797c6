// Preloaded into a journey's server: the time of day runs CLOCK_AHEAD seconds ahead. Clocks that measure how long something takes are left
// alone, and so are the timers that are set by them: a library that moves those too stops a server on a machine that was started lately.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long ahead;
static int (*next_clock_gettime)(clockid_t, struct timespec *);
static int (*next_gettimeofday)(struct timeval *, void *);

__attribute__((constructor)) static void begin(void) {
  const char *seconds = getenv("CLOCK_AHEAD");
  ahead = seconds ? atol(seconds) : 0;
  next_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  next_gettimeofday = dlsym(RTLD_NEXT, "gettimeofday");
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  if (!next_clock_gettime) begin();
  int failed = next_clock_gettime(clock, now);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead;
  return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  if (!next_gettimeofday) begin();
  int failed = next_gettimeofday(now, zone);
  if (!failed) now->tv_sec += ahead;
  return failed;
}

time_t time(time_t *kept) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (kept) *kept = now.tv_sec;
  return now.tv_sec;
}
