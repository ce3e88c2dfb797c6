#include "csqlite.h"

#include "gathered.h"

#include <sqlite3.h>

void rh_sqlite_prepare(void) {
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  rh_gather_log_writes();
}
