#include "cscrypt.h"
