// OpenSSL's scrypt (RFC 7914), as PasswordHash.swift uses it: that of swift-crypto is built with the program, and takes ten times as long in a
// debug build.
#ifndef ROUNDHOUSE_CSCRYPT_H
#define ROUNDHOUSE_CSCRYPT_H
#include <openssl/evp.h>
#endif
