#define _GNU_SOURCE
#include "csimulation.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// As the libraries have them; their headers stand elsewhere in each toolchain.
extern void *_Block_copy(const void *block);
extern void _Block_release(const void *block);
extern uint64_t dispatch_time(uint64_t when, int64_t delta);

// What waits to be run: a job of Swift's concurrency, a block of a dispatch queue, or work of the simulator itself.
typedef enum { SIM_JOB, SIM_BLOCK, SIM_FUNCTION, SIM_OWN } sim_kind;
typedef struct {
  sim_kind kind;
  void *what;
  void *with;  // the block's queue, or the context of a function or of own work
  int64_t due; // of timers
  uint64_t order;
} sim_item;
typedef struct {
  sim_item *items;
  size_t count, room;
} sim_list;

static bool is_on;
static pthread_t owner;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sim_list ready, timers;
static uint64_t state, orders;
static int64_t now_ns;
static size_t foreign;
static const int64_t started_ns = 1000000000LL * 1000;
static int64_t began_ns;

// MARK: Chance

uint64_t sim_random(void) {
  uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

/// Takes the place of the Swift library's own.
void swift_stdlib_random(void *buffer, size_t size) {
  unsigned char *bytes = buffer;
  if (!is_on || !pthread_equal(pthread_self(), owner)) {
    for (size_t done = 0; done < size;) {
      long got = syscall(SYS_getrandom, bytes + done, size - done, 0);
      if (got > 0) done += (size_t)got;
    }
    return;
  }
  for (size_t done = 0; done < size; done += 8) {
    uint64_t draw = sim_random();
    memcpy(bytes + done, &draw, size - done < 8 ? size - done : 8);
  }
}

// MARK: Clocks

int clock_gettime(clockid_t clock, struct timespec *time) {
  // Idle threads of the libraries have the real time: a timer of libdispatch's own that never comes due would keep a core busy.
  if (!is_on || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || !pthread_equal(pthread_self(), owner))
    return (int)syscall(SYS_clock_gettime, clock, time);
  // A little goes by with every look, as it does.
  now_ns += 1000;
  int64_t value = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? now_ns : now_ns - began_ns + started_ns;
  time->tv_sec = value / 1000000000;
  time->tv_nsec = value % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int64_t sim_now(void) { return now_ns; }
int64_t sim_real_now(void) {
  struct timespec now;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// MARK: What waits

static void add(sim_list *list, sim_item item) {
  pthread_mutex_lock(&lock);
  if (!pthread_equal(pthread_self(), owner)) { foreign++; if (getenv("SIM_FOREIGN")) abort(); }
  if (list->count == list->room) {
    list->room = list->room ? list->room * 2 : 256;
    list->items = realloc(list->items, list->room * sizeof(sim_item));
  }
  item.order = orders++;
  list->items[list->count++] = item;
  pthread_mutex_unlock(&lock);
}

static sim_item take(sim_list *list, size_t index) {
  sim_item item = list->items[index];
  memmove(list->items + index, list->items + index + 1, (list->count - index - 1) * sizeof(sim_item));
  list->count--;
  return item;
}

static void later(sim_kind kind, void *what, void *with, int64_t delay) {
  sim_item item = {kind, what, with, now_ns + (delay > 0 ? delay : 0), 0};
  add(&timers, item);
}

static void soon(sim_kind kind, void *what, void *with) {
  sim_item item = {kind, what, with, 0, 0};
  add(&ready, item);
}

int64_t sim_next_timer(void) {
  int64_t next = -1;
  for (size_t i = 0; i < timers.count; i++)
    if (next < 0 || timers.items[i].due < next) next = timers.items[i].due;
  return next;
}

void sim_set_now(int64_t to) {
  if (to > now_ns) now_ns = to;
  for (size_t i = 0; i < timers.count;) {
    if (timers.items[i].due <= now_ns) {
      sim_item item = take(&timers, i);
      soon(item.kind, item.what, item.with);
    } else {
      i++;
    }
  }
}

size_t sim_ready(void) { return ready.count; }
size_t sim_foreign(void) { return foreign; }
void sim_after(int64_t delay, sim_work work, void *context) { later(SIM_OWN, (void *)work, context, delay); }

static void forget(sim_list *list) {
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].kind == SIM_OWN) list->items[kept++] = list->items[i];
  list->count = kept;
}

void sim_forget_house(void) {
  forget(&ready);
  forget(&timers);
}

// MARK: Running

// An executor that is nobody's, as the library's global one: two words, both 0.
typedef __attribute__((swiftcall)) void (*run_job)(void *job, void *identity, uintptr_t implementation);
static run_job swift_job_run_;
// A queue lives as long as something waits in it, anyone who else has let it go.
extern void dispatch_retain(void *queue);
extern void dispatch_release(void *queue);
typedef void (*dispatch_sync_type)(void *queue, void *block);
static dispatch_sync_type dispatch_sync_;

static void run(sim_item item) {
  switch (item.kind) {
  case SIM_JOB: swift_job_run_(item.what, NULL, 0); break;
  case SIM_BLOCK:
    dispatch_sync_(item.with, item.what);
    _Block_release(item.what);
    dispatch_release(item.with);
    break;
  case SIM_FUNCTION:
  case SIM_OWN: ((sim_work)item.what)(item.with); break;
  }
}

/// The first block of a queue, so that a serial queue keeps its order.
static size_t first_of(void *queue, size_t index) {
  for (size_t i = 0; i < index; i++)
    if (ready.items[i].kind == SIM_BLOCK && ready.items[i].with == queue) return i;
  return index;
}

bool sim_run_one(void) {
  if (ready.count == 0) return false;
  size_t index = sim_random() % ready.count;
  if (ready.items[index].kind == SIM_BLOCK) index = first_of(ready.items[index].with, index);
  run(take(&ready, index));
  return true;
}

// MARK: Dispatch

typedef void (*dispatch_async_type)(void *queue, void *block);
typedef void (*dispatch_after_type)(uint64_t when, void *queue, void *block);
typedef void (*dispatch_function)(void *context);
typedef void (*dispatch_async_f_type)(void *queue, void *context, dispatch_function function);
typedef void (*dispatch_after_f_type)(uint64_t when, void *queue, void *context, dispatch_function function);
static dispatch_async_type dispatch_async_, dispatch_barrier_async_;
static dispatch_after_type dispatch_after_;
static dispatch_async_f_type dispatch_async_f_;
static dispatch_after_f_type dispatch_after_f_;

static void find_originals(void) {
  if (dispatch_sync_) return;
  dispatch_async_ = (dispatch_async_type)dlsym(RTLD_NEXT, "dispatch_async");
  dispatch_barrier_async_ = (dispatch_async_type)dlsym(RTLD_NEXT, "dispatch_barrier_async");
  dispatch_after_ = (dispatch_after_type)dlsym(RTLD_NEXT, "dispatch_after");
  dispatch_async_f_ = (dispatch_async_f_type)dlsym(RTLD_NEXT, "dispatch_async_f");
  dispatch_after_f_ = (dispatch_after_f_type)dlsym(RTLD_NEXT, "dispatch_after_f");
  dispatch_sync_ = (dispatch_sync_type)dlsym(RTLD_NEXT, "dispatch_sync");
}

static int64_t until(uint64_t when) {
  uint64_t now = dispatch_time(0, 0);
  // Each clock of the library has its own upper bits; a wall clock counts down from the top.
  if (when >> 62 == now >> 62) return (int64_t)(when - now);
  if (when >> 62 == 3) return -(int64_t)when - now_ns;
  return (int64_t)((when & ~(3ull << 62)) - (now & ~(3ull << 62)));
}

void dispatch_async(void *queue, void *block) {
  find_originals();
  if (!is_on) return dispatch_async_(queue, block);
  dispatch_retain(queue);
  soon(SIM_BLOCK, _Block_copy(block), queue);
}

void dispatch_barrier_async(void *queue, void *block) {
  find_originals();
  if (!is_on) return dispatch_barrier_async_(queue, block);
  dispatch_retain(queue);
  soon(SIM_BLOCK, _Block_copy(block), queue);
}

void dispatch_after(uint64_t when, void *queue, void *block) {
  find_originals();
  if (!is_on) return dispatch_after_(when, queue, block);
  dispatch_retain(queue);
  later(SIM_BLOCK, _Block_copy(block), queue, until(when));
}

// Functions are given to global queues alone, which know no order.
void dispatch_async_f(void *queue, void *context, dispatch_function function) {
  find_originals();
  if (!is_on) return dispatch_async_f_(queue, context, function);
  soon(SIM_FUNCTION, (void *)function, context);
}

void dispatch_after_f(uint64_t when, void *queue, void *context, dispatch_function function) {
  find_originals();
  if (!is_on) return dispatch_after_f_(when, queue, context, function);
  later(SIM_FUNCTION, (void *)function, context, until(when));
}

/// What was given to the queue before comes first.
void dispatch_sync(void *queue, void *block) {
  find_originals();
  for (size_t i = 0; is_on && i < ready.count;) {
    if (ready.items[i].kind == SIM_BLOCK && ready.items[i].with == queue) {
      run(take(&ready, i));
      i = 0;
    } else {
      i++;
    }
  }
  dispatch_sync_(queue, block);
}

// MARK: Swift's concurrency

typedef __attribute__((swiftcall)) void (*enqueue_original)(void *job);
static __attribute__((swiftcall)) void enqueue(void *job, enqueue_original original) {
  (void)original;
  soon(SIM_JOB, job, NULL);
}

typedef __attribute__((swiftcall)) void (*delay_original)(unsigned long long, void *);
static __attribute__((swiftcall)) void enqueue_later(unsigned long long delay, void *job, delay_original original) {
  (void)original;
  later(SIM_JOB, job, NULL, (int64_t)delay);
}

typedef __attribute__((swiftcall)) void (*deadline_original)(long long, long long, long long, long long, int, void *);
static __attribute__((swiftcall)) void enqueue_at(
    long long seconds, long long nanoseconds, long long tolerance, long long tolerance_ns, int clock, void *job,
    deadline_original original) {
  (void)original, (void)tolerance, (void)tolerance_ns, (void)clock;
  later(SIM_JOB, job, NULL, seconds * 1000000000LL + nanoseconds - (now_ns - began_ns + started_ns));
}

static void hook(const char *name, void *function) {
  void **place = dlsym(RTLD_DEFAULT, name);
  if (!place) {
    fprintf(stderr, "%s is not in this Swift: the simulation cannot run\n", name);
    exit(70);
  }
  *place = function;
}

void sim_repeatable(char **arguments) {
  if (getenv("SWIFT_DETERMINISTIC_HASHING") && (personality(0xffffffff) & ADDR_NO_RANDOMIZE)) return;
  setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1);
  personality(ADDR_NO_RANDOMIZE);
  execv("/proc/self/exe", arguments);
}

void sim_write_lines(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

void sim_begin(uint64_t seed, int64_t unix_nanoseconds) {
  find_originals();
  state = seed;
  owner = pthread_self();
  now_ns = began_ns = unix_nanoseconds;
  swift_job_run_ = (run_job)dlsym(RTLD_DEFAULT, "swift_job_run");
  hook("swift_task_enqueueGlobal_hook", (void *)enqueue);
  hook("swift_task_enqueueMainExecutor_hook", (void *)enqueue);
  hook("swift_task_enqueueGlobalWithDelay_hook", (void *)enqueue_later);
  hook("swift_task_enqueueGlobalWithDeadline_hook", (void *)enqueue_at);
  is_on = true;
}
