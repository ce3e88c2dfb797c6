// What SQLite must be told before its first use, which only its variadic call can (Database/SQLiteFile.swift).
#ifndef ROUNDHOUSE_CSQLITE_H
#define ROUNDHOUSE_CSQLITE_H
// Statistics of memory take a lock of the whole process at every allocation: a tenth of an import's time, and lanes wait for each other.
void rh_sqlite_without_statistics(void);
#endif
