#define _GNU_SOURCE
#include "csimulation.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// What was done to a file since its last sync, the newest first: enough to take each step back.
typedef struct sim_step {
  struct sim_step *before;
  int64_t offset, old_size;
  int length; // of the old bytes
  unsigned char old[];
} sim_step;

typedef struct sim_record {
  struct sim_record *next;
  char *path;
  ino_t inode;
  sim_step *newest;
  int64_t steps;
} sim_record;

typedef struct {
  sqlite3_file base;
  sim_record *record; // NULL: a file without a name
  sqlite3_file *real;
} sim_file;

static sqlite3_vfs *real_vfs;
static sim_record *records;
static int64_t operations, crash_at, fail_from, fail_until;
static int fail_code;
static sim_crashed crashed;

static void forget_steps(sim_record *record) {
  while (record->newest) {
    sim_step *step = record->newest;
    record->newest = step->before;
    free(step);
  }
  record->steps = 0;
}

static sim_record *record_of(const char *path) {
  struct stat facts;
  ino_t inode = stat(path, &facts) == 0 ? facts.st_ino : 0;
  for (sim_record *record = records; record; record = record->next)
    if (strcmp(record->path, path) == 0) {
      // Another file has taken its place.
      if (record->inode != inode) forget_steps(record);
      record->inode = inode;
      return record;
    }
  sim_record *record = calloc(1, sizeof(sim_record));
  record->path = strdup(path);
  record->inode = inode;
  record->next = records;
  return records = record;
}

static int64_t size_of(sqlite3_file *file) {
  sqlite3_int64 size = 0;
  file->pMethods->xFileSize(file, &size);
  return size;
}

static void remember(sim_file *file, int64_t offset, int64_t length) {
  if (!file->record) return;
  int64_t size = size_of(file->real);
  if (offset > size) length = 0;
  else if (offset + length > size) length = size - offset;
  sim_step *step = malloc(sizeof(sim_step) + (size_t)length);
  step->offset = offset;
  step->old_size = size;
  step->length = (int)length;
  if (length > 0) file->real->pMethods->xRead(file->real, step->old, (int)length, offset);
  step->before = file->record->newest;
  file->record->newest = step;
  file->record->steps++;
}

/// Counts an operation; what it answers instead of doing it, or SQLITE_OK.
static int count(void) {
  operations++;
  if (crash_at > 0 && operations >= crash_at) {
    crash_at = 0;
    crashed();
  }
  if (operations > fail_from && operations <= fail_until) return fail_code;
  return SQLITE_OK;
}

#define REAL(file) (((sim_file *)(file))->real)
#define CALL(file, name, ...) (REAL(file)->pMethods->name(REAL(file), ##__VA_ARGS__))

static int x_close(sqlite3_file *file) { return CALL(file, xClose); }
static int x_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at) { return CALL(file, xRead, to, size, at); }
static int x_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at) {
  int refusal = count();
  if (refusal) return refusal;
  remember((sim_file *)file, at, size);
  return CALL(file, xWrite, from, size, at);
}
static int x_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int refusal = count();
  if (refusal) return refusal;
  int64_t before = size_of(REAL(file));
  remember((sim_file *)file, size, before > size ? before - size : 0);
  return CALL(file, xTruncate, size);
}
static int x_sync(sqlite3_file *file, int flags) {
  int refusal = count();
  if (refusal) return refusal;
  sim_record *record = ((sim_file *)file)->record;
  if (record) forget_steps(record);
  (void)flags; // The files live in memory: there is nothing to wait for.
  return SQLITE_OK;
}
static int x_size(sqlite3_file *file, sqlite3_int64 *size) { return CALL(file, xFileSize, size); }
static int x_lock(sqlite3_file *file, int level) { return CALL(file, xLock, level); }
static int x_unlock(sqlite3_file *file, int level) { return CALL(file, xUnlock, level); }
static int x_reserved(sqlite3_file *file, int *result) { return CALL(file, xCheckReservedLock, result); }
static int x_control(sqlite3_file *file, int what, void *with) { return CALL(file, xFileControl, what, with); }
static int x_sector(sqlite3_file *file) { return CALL(file, xSectorSize); }
static int x_device(sqlite3_file *file) { return CALL(file, xDeviceCharacteristics); }
static int x_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
  return CALL(file, xShmMap, page, size, extend, out);
}
static int x_shm_lock(sqlite3_file *file, int at, int n, int flags) { return CALL(file, xShmLock, at, n, flags); }
static void x_barrier(sqlite3_file *file) { CALL(file, xShmBarrier); }
static int x_unmap(sqlite3_file *file, int delete) { return CALL(file, xShmUnmap, delete); }

static const sqlite3_io_methods methods = {
    2, x_close, x_read, x_write, x_truncate, x_sync, x_size, x_lock, x_unlock, x_reserved, x_control, x_sector, x_device,
    x_map, x_shm_lock, x_barrier, x_unmap, NULL, NULL};

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  (void)vfs;
  sim_file *mine = (sim_file *)file;
  memset(mine, 0, sizeof(*mine));
  mine->real = (sqlite3_file *)(mine + 1);
  int result = real_vfs->xOpen(real_vfs, name, mine->real, flags, out);
  if (!mine->real->pMethods) return result;
  mine->base.pMethods = &methods;
  mine->record = name ? record_of(name) : NULL;
  return result;
}
static int v_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  (void)vfs;
  return real_vfs->xDelete(real_vfs, name, sync);
}
static int v_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
  (void)vfs;
  return real_vfs->xAccess(real_vfs, name, flags, out);
}
static int v_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
  (void)vfs;
  return real_vfs->xFullPathname(real_vfs, name, size, out);
}
static int v_random(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs;
  for (int i = 0; i < size; i++) out[i] = (char)sim_random();
  return size;
}
static int v_sleep(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs;
  return microseconds;
}
static int v_error(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs;
  return real_vfs->xGetLastError(real_vfs, size, out);
}
static int v_time(sqlite3_vfs *vfs, double *out) {
  (void)vfs;
  *out = (double)sim_now() / 86400000000000.0 + 2440587.5;
  return SQLITE_OK;
}
static int v_time_int(sqlite3_vfs *vfs, sqlite3_int64 *out) {
  (void)vfs;
  *out = sim_now() / 1000000 + 210866760000000LL;
  return SQLITE_OK;
}

int sim_disk_begin(void) {
  static sqlite3_vfs vfs;
  real_vfs = sqlite3_vfs_find("unix");
  if (!real_vfs) return SQLITE_ERROR;
  vfs = *real_vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = (int)sizeof(sim_file) + real_vfs->szOsFile;
  vfs.zName = "simulated";
  vfs.pNext = NULL;
  vfs.xOpen = v_open;
  vfs.xDelete = v_delete;
  vfs.xAccess = v_access;
  vfs.xFullPathname = v_path;
  vfs.xRandomness = v_random;
  vfs.xSleep = v_sleep;
  vfs.xGetLastError = v_error;
  vfs.xCurrentTime = v_time;
  vfs.xCurrentTimeInt64 = v_time_int;
  return sqlite3_vfs_register(&vfs, 1);
}

void sim_disk_crash_at(int64_t after, sim_crashed told) {
  crash_at = after > 0 ? operations + after : 0;
  crashed = told;
}
void sim_disk_fail(int64_t after, int64_t n, int code) {
  fail_from = operations + after;
  fail_until = fail_from + n;
  fail_code = code;
}
bool sim_disk_is_failing(void) { return operations < fail_until; }
int64_t sim_disk_operations(void) { return operations; }

/// Takes the newest steps back, in the copy.
static void take_back(const char *path, sim_record *record, int64_t steps) {
  int descriptor = open(path, O_RDWR);
  if (descriptor < 0) return;
  for (sim_step *step = record->newest; step && steps > 0; step = step->before, steps--) {
    if (step->length > 0 && pwrite(descriptor, step->old, (size_t)step->length, step->offset) < 0) break;
    if (ftruncate(descriptor, step->old_size) < 0) break;
  }
  close(descriptor);
}

int64_t sim_disk_forget_unsynced(const char *folder, const char *copy) {
  int64_t forgotten = 0;
  size_t length = strlen(folder);
  for (sim_record *record = records; record; record = record->next) {
    struct stat facts;
    if (strncmp(record->path, folder, length) != 0 || record->steps == 0) continue;
    if (stat(record->path, &facts) != 0 || facts.st_ino != record->inode) continue;
    char *path = NULL;
    if (asprintf(&path, "%s%s", copy, record->path + length) < 0) continue;
    int64_t steps = (int64_t)(sim_random() % (uint64_t)(record->steps + 1));
    take_back(path, record, steps);
    forgotten += steps;
    free(path);
  }
  return forgotten;
}

void sim_disk_drop(const char *folder) {
  size_t length = strlen(folder);
  for (sim_record *record = records; record; record = record->next)
    if (strncmp(record->path, folder, length) == 0) forget_steps(record);
}
