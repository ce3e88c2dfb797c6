#ifndef ROUNDHOUSE_GATHERED_H
#define ROUNDHOUSE_GATHERED_H
// Makes the default VFS one that gathers what goes to write-ahead logs. Before the first file is opened.
void rh_gather_log_writes(void);
#endif
