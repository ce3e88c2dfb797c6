#ifndef CSIMULATION_H
#define CSIMULATION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One thread, one clock, one source of chance. From `sim_begin` on every task of Swift's concurrency, every block given to a dispatch
// queue, every timer, every reading of a clock and every random number of this process come from here (`machine.c`).

typedef void (*sim_work)(void *context);

/// Begins the process again with fixed hashes and addresses, unless it has them: the order of a set must not hang on them.
void sim_repeatable(char **arguments);
/// What is printed goes out line by line, also before a trap.
void sim_write_lines(void);
void sim_begin(uint64_t seed, int64_t unix_nanoseconds);
uint64_t sim_random(void);
/// Nanoseconds since 1970, simulated.
int64_t sim_now(void);
/// Nanoseconds of the machine's own clock.
int64_t sim_real_now(void);
/// Sets the clock forward; timers that are due then become ready.
void sim_set_now(int64_t unix_nanoseconds);
/// How much of the work may run now.
size_t sim_ready(void);
/// Runs one piece of it, drawn at random; false when there is none.
bool sim_run_one(void);
/// When the next timer is due; -1: none.
int64_t sim_next_timer(void);
/// Runs `work` after so many nanoseconds. The simulator's own work survives a kill of the house.
void sim_after(int64_t nanoseconds, sim_work work, void *context);
/// The house is killed: nothing of what it has begun goes on.
void sim_forget_house(void);
/// Work that came from another thread than the simulator's: there should be none.
size_t sim_foreign(void);

// The disk (`disk.c`): SQLite's files with a memory of what was written since the last sync.

/// Makes it the process's default.
int sim_disk_begin(void);
/// Told once, in the middle of a write: the house's process has ended at this instant, and what is on the disk now is what is left.
typedef void (*sim_crashed)(void);
/// The house dies at the n-th write, sync or truncation from now; 0: never.
void sim_disk_crash_at(int64_t operations, sim_crashed told);
/// From the n-th write, sync or truncation from now on so many are refused with this result code (SQLITE_FULL, SQLITE_IOERR).
void sim_disk_fail(int64_t after, int64_t count, int code);
bool sim_disk_is_failing(void);
/// Writes, syncs and truncations so far.
int64_t sim_disk_operations(void);
/// The machine lost its power: of what each file below `folder` was given since its last sync only a beginning, drawn at random, is there in
/// the copy of the folder. Answers how many writes were forgotten.
int64_t sim_disk_forget_unsynced(const char *folder, const char *copy);
/// Forgets what is known of the files below `folder`.
void sim_disk_drop(const char *folder);
#endif
