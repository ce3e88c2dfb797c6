// What SQLite must be told before its first use (Database/SQLiteFile.swift), which only C can.
#ifndef ROUNDHOUSE_CSQLITE_H
#define ROUNDHOUSE_CSQLITE_H
// - Statistics of memory are off: they take a lock of the whole process at every allocation, a tenth of an import's time, and lanes
//   wait for each other.
// - The frames of a commit go to the write-ahead log in one write (gathered.c).
void rh_sqlite_prepare(void);
#endif
