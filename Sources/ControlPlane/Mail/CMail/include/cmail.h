// One mail over SMTP by libcurl, in the calling thread (ControlPlane/Mail/SMTP.swift).
#ifndef ROUNDHOUSE_CMAIL_H
#define ROUNDHOUSE_CMAIL_H
#include <stddef.h>

typedef struct rh_mail {
  const char *url;            // smtp:// or smtps://, host and port alone
  const char *user, *password; // NULL: no authentication
  const char *from, *to;      // bare addresses
  const char *body;
  size_t size, sent;
  int needs_tls; // STARTTLS or nothing is sent
  long connect_ms, total_ms;
  // Filled in: the server's last reply code (0: none) and what libcurl says.
  long reply;
  char error[256];
} rh_mail;

enum { RH_MAIL_SENT = 0, RH_MAIL_FAILED = 1, RH_MAIL_DENIED = 2 };

// RH_MAIL_DENIED: user or password are wrong.
int rh_mail_send(rh_mail *mail);
#endif
