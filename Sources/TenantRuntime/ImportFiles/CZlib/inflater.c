#include "inflater.h"

#include <stdlib.h>
#include <zlib.h>

struct rh_inflater {
  z_stream stream;
};

rh_inflater *rh_inflater_new(void) {
  rh_inflater *inflater = calloc(1, sizeof *inflater);
  if (inflater && inflateInit2(&inflater->stream, -MAX_WBITS) != Z_OK) {
    free(inflater);
    return NULL;
  }
  return inflater;
}

void rh_inflater_free(rh_inflater *inflater) {
  inflateEnd(&inflater->stream);
  free(inflater);
}

int rh_inflate(rh_inflater *inflater, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count) {
  z_stream *stream = &inflater->stream;
  stream->next_in = (Bytef *)in;
  stream->avail_in = (uInt)*in_count;
  stream->next_out = out;
  stream->avail_out = (uInt)*out_count;
  int result = inflate(stream, Z_NO_FLUSH);
  *in_count -= stream->avail_in;
  *out_count -= stream->avail_out;
  if (result == Z_STREAM_END) return 1;
  return result == Z_OK || result == Z_BUF_ERROR ? 0 : -1;
}
