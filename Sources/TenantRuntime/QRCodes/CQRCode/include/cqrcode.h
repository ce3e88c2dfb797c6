// libqrencode, as QRCode.swift uses it.
#ifndef ROUNDHOUSE_CQRCODE_H
#define ROUNDHOUSE_CQRCODE_H
#include <qrencode.h>
#endif
