// The frames of a commit in one write.
//
// SQLite writes each page of a commit to the log with two calls: a header of 24 bytes, then the page. A small commit of a tenant's file is
// some 30 pages, so 60 system calls. Here frames are held until the one that ends the commit (its header says so), and go out together.
//
// What keeps this as safe as without it:
// - The commit's last frame is never held: its write writes all of it, and returns what that said. Whatever SQLite does after a commit's
//   frames (sync, the index in shared memory) it does after they are in the file, as before.
// - Only frames that follow what was just written are held; anything else (the log's header, frames written anew) goes out at once, after
//   what was held.
// - Reading, syncing, measuring or cutting the log writes first what is held.
// - Frames of a transaction that outgrew the page cache are held past their call. They must not outlive the transaction, for another
//   process may then write in their place: when the lock on writing is given back, they are dropped. They were of no commit.
//
// The unix VFS does all the rest: its files are opened by it, in place, with these few methods put before its own.

#include "gathered.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
  HEADER = 24,          // of a frame: page, size of the database after a commit or zero, salts, sums
  SMALLEST_PAGE = 512,
  LARGEST_PAGE = 65536,
  ROOM = 0x1ffff,       // the most that the unix VFS writes in one call
  SPARE = 8,            // buffers kept for the next commits; one is in use while a transaction has frames held
  WRITE_LOCK = 0,       // the place in shared memory of the lock on writing
  NOWHERE = -1,
};

// Behind the fields of the unix VFS in each of its files.
struct beside {
  sqlite3_file *other; // of a database its log, of a log its database
  unsigned char *held; // frames, NULL when there are none
  int size;            // of what is held
  int page;            // size of the page last held
  bool wants_page;     // a header was held last
  bool commits;        // and it ends a commit
  sqlite3_int64 end;   // where the last frame ends: only what begins here is held
};

static sqlite3_vfs gathering, *unix_vfs;
static const sqlite3_io_methods *unix_database, *unix_log;
static sqlite3_io_methods database_methods, log_methods;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned char *spare[SPARE];
static int spares;

static unsigned char *taken(void) {
  pthread_mutex_lock(&lock);
  unsigned char *buffer = spares > 0 ? spare[--spares] : NULL;
  pthread_mutex_unlock(&lock);
  return buffer ? buffer : malloc(ROOM);
}

static void give_back(unsigned char *buffer) {
  pthread_mutex_lock(&lock);
  if (spares < SPARE) {
    spare[spares++] = buffer;
    buffer = NULL;
  }
  pthread_mutex_unlock(&lock);
  free(buffer);
}

static int fields_of_unix(void) { return (unix_vfs->szOsFile + 15) & ~15; }

static struct beside *beside(sqlite3_file *file) { return (struct beside *)((char *)file + fields_of_unix()); }

static void let_go(struct beside *log) {
  give_back(log->held);
  log->held = NULL;
  log->size = 0;
  log->wants_page = log->commits = false;
}

static void drop(struct beside *log) {
  if (!log->held) return;
  let_go(log);
  log->end = NOWHERE;
}

static int write_held(sqlite3_file *file) {
  struct beside *log = beside(file);
  if (!log->held) return SQLITE_OK;
  int result = unix_log->xWrite(file, log->held, log->size, log->end - log->size);
  let_go(log);
  if (result != SQLITE_OK) log->end = NOWHERE;
  return result;
}

static bool hold(struct beside *log, const void *bytes, int count) {
  if (!log->held && !(log->held = taken())) return false;
  memcpy(log->held + log->size, bytes, (size_t)count);
  log->size += count;
  log->end += count;
  return true;
}

static bool ends_commit(const unsigned char *header) { return (header[4] | header[5] | header[6] | header[7]) != 0; }

static int log_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  struct beside *log = beside(file);
  if (offset == log->end) {
    if (log->wants_page && count == log->page) {
      // There is room: a header is held only with room for its page.
      hold(log, bytes, count);
      log->wants_page = false;
      return log->commits || log->size + HEADER + log->page > ROOM ? write_held(file) : SQLITE_OK;
    }
    if (!log->wants_page && count == HEADER && log->page > 0 && hold(log, bytes, count)) {
      log->wants_page = true;
      log->commits = ends_commit(bytes);
      return SQLITE_OK;
    }
  }
  int result = write_held(file);
  if (result != SQLITE_OK) return result;
  result = unix_log->xWrite(file, bytes, count, offset);
  log->end = result == SQLITE_OK ? offset + count : NOWHERE;
  if (count >= SMALLEST_PAGE && count <= LARGEST_PAGE) log->page = count;
  return result;
}

static int log_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  int result = write_held(file);
  return result == SQLITE_OK ? unix_log->xRead(file, bytes, count, offset) : result;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int result = write_held(file);
  return result == SQLITE_OK ? unix_log->xTruncate(file, size) : result;
}

static int log_sync(sqlite3_file *file, int flags) {
  int result = write_held(file);
  return result == SQLITE_OK ? unix_log->xSync(file, flags) : result;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size) {
  int result = write_held(file);
  return result == SQLITE_OK ? unix_log->xFileSize(file, size) : result;
}

static int log_close(sqlite3_file *file) {
  struct beside *log = beside(file);
  drop(log);
  if (log->other) beside(log->other)->other = NULL;
  return unix_log->xClose(file);
}

static int database_lock(sqlite3_file *file, int first, int count, int flags) {
  sqlite3_file *log = beside(file)->other;
  if (log && first == WRITE_LOCK && (flags & SQLITE_SHM_UNLOCK) && (flags & SQLITE_SHM_EXCLUSIVE)) drop(beside(log));
  return unix_database->xShmLock(file, first, count, flags);
}

static bool are_of_unix(const sqlite3_io_methods *methods, const sqlite3_io_methods **known, sqlite3_io_methods *ours) {
  pthread_mutex_lock(&lock);
  if (!*known) {
    *known = methods;
    *ours = *methods;
    // A newer library may know more methods than this was built with.
    if (ours->iVersion > 3) ours->iVersion = 3;
    if (ours == &database_methods) {
      ours->xShmLock = database_lock;
    } else {
      ours->xClose = log_close;
      ours->xRead = log_read;
      ours->xWrite = log_write;
      ours->xTruncate = log_truncate;
      ours->xSync = log_sync;
      ours->xFileSize = log_size;
    }
  }
  pthread_mutex_unlock(&lock);
  return methods == *known;
}

static int open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *outFlags) {
  (void)vfs;
  int result = unix_vfs->xOpen(unix_vfs, name, file, flags, outFlags);
  if (result != SQLITE_OK || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))) return result;
  memset(beside(file), 0, sizeof(struct beside));
  // Files of other methods (a file system without locks) stay as they are.
  if (flags & SQLITE_OPEN_MAIN_DB) {
    if (are_of_unix(file->pMethods, &unix_database, &database_methods)) file->pMethods = &database_methods;
  } else {
    sqlite3_file *database = sqlite3_database_file_object(name);
    if (database->pMethods != &database_methods || !are_of_unix(file->pMethods, &unix_log, &log_methods)) return result;
    file->pMethods = &log_methods;
    beside(file)->other = database;
    beside(file)->end = NOWHERE;
    beside(database)->other = file;
  }
  return result;
}

void rh_gather_log_writes(void) {
  unix_vfs = sqlite3_vfs_find("unix");
  if (!unix_vfs) return;
  gathering = *unix_vfs;
  if (gathering.iVersion > 3) gathering.iVersion = 3;
  gathering.zName = "gathering";
  gathering.szOsFile = fields_of_unix() + (int)sizeof(struct beside);
  gathering.xOpen = open_file;
  sqlite3_vfs_register(&gathering, 1);
}
