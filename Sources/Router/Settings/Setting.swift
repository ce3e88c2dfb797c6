/// Every setting there is: `public_url` in the settings file, `ROUNDHOUSE_PUBLIC_URL` in the environment, `--public-url` as a flag.
enum Setting: String, CaseIterable, Sendable {
  case settingsFile = "settings_file"
  case data, listen
  case publicURL = "public_url"
  case twilioAPI = "twilio_api"
  case redisURL = "redis_url"
  case openFiles = "open_files"
  case webhookAllow = "webhook_allow"
  case trustedProxies = "trusted_proxies"
  case scannerNetworks = "scanner_networks"
  case carrierNetworks = "carrier_networks"
  case dnsServer = "dns_server"
  case smtpURL = "smtp_url"
  case mailFrom = "mail_from"
  case sessionIdleHours = "session_idle_hours"
  case sessionDays = "session_days"
  case auditDays = "audit_days"
  case requestsPerMinute = "requests_per_minute"
  case refusalsPerMinute = "refusals_per_minute"
  case corsOrigins = "cors_origins"
  case secretKey = "secret_key"
  case logLevel = "log_level"

  static let prefix = "roundhouse"
  var variable: String { "\(Self.prefix)_\(rawValue)".uppercased() }

  /// What holds where nobody says anything. The public URL follows from the address to listen on.
  var fallback: String {
    switch self {
    case .data: "."
    case .listen: "127.0.0.1:8080"
    case .twilioAPI: "https://api.twilio.com"
    case .openFiles: "512"
    case .sessionIdleHours: "12"
    case .sessionDays: "30"
    case .auditDays: "730"
    case .requestsPerMinute: "600"
    case .refusalsPerMinute: "60"
    case .logLevel: "info"
    default: ""
    }
  }

  /// As it may be printed.
  func shown(_ value: String) -> String {
    switch self {
    case .secretKey: value.isEmpty ? "" : Self.mask
    case .redisURL, .smtpURL: value.replacing(/(\/\/[^:@\/]*):.*@/) { "\($0.1):\(Self.mask)@" }
    default: value
    }
  }

  private static let mask = "********"
}
