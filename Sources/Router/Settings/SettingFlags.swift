import ArgumentParser

/// The flags of every command. Secrets have none: other people of the machine see a command line.
struct SettingFlags: ParsableArguments {
  @Option(
    help: "JSON file of settings by their names, like {\"public_url\": \"https://…\"} (ROUNDHOUSE_SETTINGS_FILE).")
  var settingsFile: String?
  @Option(help: "Folder of all data (ROUNDHOUSE_DATA).") var data: String?
  @Option(help: "HOST:PORT to listen on (ROUNDHOUSE_LISTEN).") var listen: String?
  @Option(help: "Base of webhooks, pages and mails (ROUNDHOUSE_PUBLIC_URL).") var publicURL: String?
  @Option(help: "Twilio's API (ROUNDHOUSE_TWILIO_API).") var twilioAPI: String?
  @Option(help: "redis://… to share limits and caches with other nodes (ROUNDHOUSE_REDIS_URL).") var redisURL: String?
  @Option(help: "CIDRs that outgoing webhooks may reach although private, with commas (ROUNDHOUSE_WEBHOOK_ALLOW).")
  var webhookAllow: String?
  @Option(help: "CIDRs whose X-Forwarded-For, -Proto and -Host are believed, with commas (ROUNDHOUSE_TRUSTED_PROXIES).")
  var trustedProxies: String?
  @Option(help: "File of networks where no people sit, one a line (ROUNDHOUSE_SCANNER_NETWORKS).")
  var scannerNetworks: String?
  @Option(help: "File of mobile carriers' networks, one a line (ROUNDHOUSE_CARRIER_NETWORKS).")
  var carrierNetworks: String?
  @Option(help: "ADDRESS:PORT of the name server that hosts' TXT records are asked from (ROUNDHOUSE_DNS_SERVER).")
  var dnsServer: String?
  @Option(
    help:
      "smtp://USER:PASSWORD@HOST:587 or smtps://… that mails are handed to; unset: they go to the log (ROUNDHOUSE_SMTP_URL)."
  )
  var smtpURL: String?
  @Option(help: "Whom mails are from (ROUNDHOUSE_MAIL_FROM).") var mailFrom: String?
  @Option(help: "Hours without a request that end a session (ROUNDHOUSE_SESSION_IDLE_HOURS).") var sessionIdleHours:
    Int?
  @Option(help: "Days that end a session in any case (ROUNDHOUSE_SESSION_DAYS).") var sessionDays: Int?
  @Option(help: "Cap of open tenant files (ROUNDHOUSE_OPEN_FILES).") var openFiles: Int?

  @Option(help: "Days that the platform's audit log is kept, 30 to 3650 (ROUNDHOUSE_AUDIT_DAYS).") var auditDays: Int?
  @Option(help: "Requests a minute of one key or user; 0: no limit (ROUNDHOUSE_REQUESTS_PER_MINUTE).")
  var requestsPerMinute: Int?
  @Option(help: "Requests a minute without a valid key from one address; 0: no limit (ROUNDHOUSE_REFUSALS_PER_MINUTE).")
  var refusalsPerMinute: Int?
  @Option(help: "Origins whose pages may use the API, like https://app.example, with commas (ROUNDHOUSE_CORS_ORIGINS).")
  var corsOrigins: String?

  var given: [Setting: String] {
    let values: [Setting: String?] = [
      .settingsFile: settingsFile, .data: data, .listen: listen, .publicURL: publicURL, .twilioAPI: twilioAPI,
      .redisURL: redisURL, .openFiles: openFiles.map(String.init), .webhookAllow: webhookAllow,
      .trustedProxies: trustedProxies, .scannerNetworks: scannerNetworks, .carrierNetworks: carrierNetworks,
      .dnsServer: dnsServer, .smtpURL: smtpURL, .mailFrom: mailFrom,
      .sessionIdleHours: sessionIdleHours.map(String.init), .sessionDays: sessionDays.map(String.init),
      .auditDays: auditDays.map(String.init), .requestsPerMinute: requestsPerMinute.map(String.init),
      .refusalsPerMinute: refusalsPerMinute.map(String.init), .corsOrigins: corsOrigins,
    ]
    return values.compactMapValues { $0 }
  }

  /// Together with the environment and the settings file.
  func settings() throws -> Settings { try Settings(flags: given) }
}
