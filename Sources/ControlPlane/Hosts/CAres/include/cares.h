// c-ares for one question: the texts of a name (Hosts/TXTLookup.swift).
#ifndef ROUNDHOUSE_CARES_H
#define ROUNDHOUSE_CARES_H
#include <stddef.h>

enum {
  RH_TXT_FOUND = 0,
  RH_TXT_NONE = 1,    // no such name, or no text at it
  RH_TXT_TIMEOUT = 2, // no answer in time, also over TCP
  RH_TXT_FAILED = 3   // the servers refused, failed, or answered what is no answer
};

// Asks for the TXT records of a whole name and blocks, never longer than the given time. `server`: ADDRESS:PORT, NULL for the system's.
// Each record is written as four bytes of length, lowest first, and its strings joined; those that do not fit are left out.
int rh_txt(const char *server, const char *name, int milliseconds, unsigned char *out, size_t capacity, size_t *written);
#endif
