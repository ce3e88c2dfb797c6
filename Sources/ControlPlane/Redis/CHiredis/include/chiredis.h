// hiredis as a decoder of what Redis answers, and nothing else of it (Limits/RedisReply.swift).
#ifndef ROUNDHOUSE_CHIREDIS_H
#define ROUNDHOUSE_CHIREDIS_H
#include <hiredis/hiredis.h>

// A reader that refuses an array of more than `elements`: hiredis allocates for the length that the peer announces.
redisReader *rh_redis_reader(void);
#endif
