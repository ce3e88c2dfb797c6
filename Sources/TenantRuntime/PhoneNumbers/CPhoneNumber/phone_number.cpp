#include "phone_number.h"

#include <cstring>
#include <string>

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

extern "C" int rh_phone_parse(const char *text, size_t length, const char *region, int64_t *digits, int *kind) {
  try {
    static const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
    thread_local PhoneNumber number;
    number.Clear();
    switch (util.Parse(std::string(text, length), region, &number)) {
      case PhoneNumberUtil::NO_PARSING_ERROR: break;
      case PhoneNumberUtil::TOO_SHORT_NSN:
      case PhoneNumberUtil::TOO_SHORT_AFTER_IDD: return rh_phone_too_short;
      case PhoneNumberUtil::TOO_LONG_NSN: return rh_phone_too_long;
      default: return rh_phone_not_a_number;
    }
    if (!util.IsValidNumber(number)) {
      switch (util.IsPossibleNumberWithReason(number)) {
        case PhoneNumberUtil::TOO_SHORT: return rh_phone_too_short;
        case PhoneNumberUtil::TOO_LONG: return rh_phone_too_long;
        default: return rh_phone_invalid;
      }
    }
    std::string e164;
    util.Format(number, PhoneNumberUtil::E164, &e164);
    *digits = std::stoll(e164.substr(1));
    switch (util.GetNumberType(number)) {
      case PhoneNumberUtil::FIXED_LINE: *kind = rh_kind_fixed_line; break;
      case PhoneNumberUtil::MOBILE: *kind = rh_kind_mobile; break;
      case PhoneNumberUtil::FIXED_LINE_OR_MOBILE: *kind = rh_kind_fixed_or_mobile; break;
      case PhoneNumberUtil::TOLL_FREE: *kind = rh_kind_toll_free; break;
      case PhoneNumberUtil::PREMIUM_RATE:
      case PhoneNumberUtil::SHARED_COST: *kind = rh_kind_premium; break;
      default: *kind = rh_kind_other;
    }
    return rh_phone_valid;
  } catch (...) {
    return rh_phone_not_a_number;
  }
}

extern "C" int rh_phone_region(int64_t digits, char *out) {
  try {
    static const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    if (util.Parse("+" + std::to_string(digits), "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR) return 0;
    std::string region;
    util.GetRegionCodeForNumber(number, &region);
    if (region.size() != 2) return 0;
    std::memcpy(out, region.c_str(), 3);
    return 1;
  } catch (...) {
    return 0;
  }
}

extern "C" int rh_calling_code(const char *region) {
  try {
    return PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(region);
  } catch (...) {
    return 0;
  }
}

extern "C" int rh_calling_code_region(int code, char *out) {
  try {
    std::string region;
    PhoneNumberUtil::GetInstance()->GetRegionCodeForCountryCode(code, &region);
    if (region.size() != 2 || region == "ZZ") return 0;
    std::memcpy(out, region.c_str(), 3);
    return 1;
  } catch (...) {
    return 0;
  }
}
