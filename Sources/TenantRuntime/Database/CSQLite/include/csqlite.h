// What SQLite must be configured with before its first use (Database/SQLiteFile.swift), which only C can.
#ifndef ROUNDHOUSE_CSQLITE_H
#define ROUNDHOUSE_CSQLITE_H
// Statistics of memory are off: they take a lock of the whole process at every allocation, a tenth of an import's time, and lanes wait
// for each other. Names of files may be URIs: a copy on a read-only medium is opened as immutable.
void rh_sqlite_prepare(void);
#endif
