import HTTPTypes

/// Headers of every answer that this server gives under its own names. What a handler has set itself stays.
struct AnswerHeaders: Sendable {
  /// The public address is `https`: browsers are to use nothing else from then on.
  let isSecure: Bool

  private static let year = 31_536_000
  private static let contentTypeOptions = HTTPField.Name("X-Content-Type-Options")!
  private static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
  private static let resourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy")!
  /// Of what is no page: should a browser show it all the same, it does nothing there, and stands in nobody's frame.
  private static let noPage = "default-src 'none'; frame-ancestors 'none'"
  /// Of pages with our own scripts and styles, all in files.
  static let pagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; require-trusted-types-for 'script'; trusted-types roundhouse"

  func add(to headers: inout HTTPFields) {
    let isPage = headers[.contentType]?.hasPrefix("text/html") == true
    let wanted: [(HTTPField.Name, String)] = [
      (Self.contentTypeOptions, "nosniff"), (Self.referrerPolicy, isPage ? "same-origin" : "no-referrer"),
      (Self.resourcePolicy, "same-origin"), (.cacheControl, "no-store"),
      (.contentSecurityPolicy, isPage ? Self.pagePolicy : Self.noPage),
    ]
    for (name, value) in wanted where headers[name] == nil { headers[name] = value }
    if isSecure { headers[.strictTransportSecurity] = "max-age=\(Self.year)" }
  }
}
