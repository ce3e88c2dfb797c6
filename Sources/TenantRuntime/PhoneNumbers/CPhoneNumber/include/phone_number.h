// A door of one function to libphonenumber. It costs about 22 µs a call: callers remember verdicts (Contacts/PhoneNumber.swift).
#ifndef ROUNDHOUSE_PHONE_NUMBER_H
#define ROUNDHOUSE_PHONE_NUMBER_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

enum rh_phone_verdict {
  rh_phone_valid = 0,        // *digits holds country code and national number, *kind the line type
  rh_phone_not_a_number = 1, // nothing in it reads as a phone number
  rh_phone_too_short = 2,
  rh_phone_too_long = 3,
  rh_phone_invalid = 4       // right shape, but no such number can be assigned
};

enum rh_phone_kind { rh_kind_other = 0, rh_kind_fixed_line = 1, rh_kind_mobile = 2, rh_kind_fixed_or_mobile = 3, rh_kind_toll_free = 4, rh_kind_premium = 5 };

// region: two upper-case letters, used for numbers written without a country code. Never throws, safe from any thread.
int rh_phone_parse(const char *text, size_t length, const char *region, int64_t *digits, int *kind);

// Two-letter region of a number given as its E.164 digits; out holds at least 3 bytes. 0 when unknown.
int rh_phone_region(int64_t digits, char *out);

// The calling code of a region (44 of GB), and the main region of a calling code (US of 1); 0 when unknown. out holds at least 3 bytes.
int rh_calling_code(const char *region);
int rh_calling_code_region(int code, char *out);

#ifdef __cplusplus
}
#endif
#endif
