#include "chiredis.h"

#include <pthread.h>
#include <stddef.h>

// Our scripts answer at most two values.
enum { most_elements = 64 };

static redisReplyObjectFunctions functions;
static void *(*make_array)(const redisReadTask *, int);
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *make_small_array(const redisReadTask *task, int elements) {
  return elements > most_elements ? NULL : make_array(task, elements); // NULL ends the reader with an error
}

static void learn_functions(void) {
  redisReader *reader = redisReaderCreate();
  if (reader == NULL) return;
  functions = *reader->fn;
  make_array = functions.createArray;
  functions.createArray = make_small_array;
  redisReaderFree(reader);
}

redisReader *rh_redis_reader(void) {
  pthread_once(&once, learn_functions);
  return make_array == NULL ? NULL : redisReaderCreateWithFunctions(&functions);
}
