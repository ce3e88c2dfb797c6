// What SQLite must be told before its first use (Database/SQLiteFile.swift), which only C can.
#ifndef ROUNDHOUSE_CSQLITE_H
#define ROUNDHOUSE_CSQLITE_H
// Statistics of memory are off: they take a lock of the whole process at every allocation, a tenth of an import's time, and lanes wait
// for each other.
void rh_sqlite_prepare(void);
#endif
