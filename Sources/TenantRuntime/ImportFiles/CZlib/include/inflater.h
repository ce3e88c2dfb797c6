// zlib's raw inflate, for the parts of a zip file (Imports/ZipFile.swift).
#ifndef ROUNDHOUSE_INFLATER_H
#define ROUNDHOUSE_INFLATER_H
#include <stddef.h>
#include <stdint.h>

typedef struct rh_inflater rh_inflater;

// NULL when there is no memory.
rh_inflater *rh_inflater_new(void);
void rh_inflater_free(rh_inflater *inflater);

// Takes up to *in_count bytes and writes up to *out_count; both are set to what was used. 1 at the end, 0 to go on, -1 when broken.
int rh_inflate(rh_inflater *inflater, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count);
#endif
