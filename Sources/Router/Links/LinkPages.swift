import NIOCore
import NIOHTTP1
import TenantRuntime

/// Pages of a link host. No script, nothing from elsewhere, and every word escaped: they show what tenants have typed.
enum LinkPages {
  /// Part of the program: a test parses them, so that they are good here.
  static let templates: PageTemplates = {
    do {
      return try PageTemplates([
        "layout": PackageResources.layout_mustache, "nowhere": PackageResources.nowhere_mustache,
        "preview": PackageResources.preview_mustache, "unsubscribe": PackageResources.unsubscribe_mustache,
      ])
    } catch { preconditionFailure("a template cannot be read: \(error)") }
  }()

  /// Where a link leads nowhere: unknown, expired or disabled, in the tenant's look. What the tenant has not worded is said in the visitor's
  /// language.
  static func nowhere(_ name: String, _ look: LinkPage, in language: Words.Language = .en) -> FastPathResponse {
    page(
      .notFound, "nowhere",
      [
        "name": look.name ?? name, "color": look.color ?? "#444444",
        "text": look.text ?? Words.plain(language, now: .now())("This link has expired or was mistyped."),
        "language": look.text == nil ? language.rawValue : nil,
      ], vary: look.text == nil)
  }

  /// For programs that draw a card of the link; everybody else is redirected.
  static func preview(_ preview: LinkPreview, target: String) -> FastPathResponse {
    page(
      .ok, "preview",
      ["title": preview.title, "description": preview.description, "image": preview.imageURL, "target": target])
  }

  /// `button`: what is written on it; nil: there is none.
  static func unsubscribe(_ sentence: String, button: String?, in language: Words.Language = .en) -> String {
    html("unsubscribe", ["sentence": sentence, "button": button, "language": language.rawValue])
  }

  /// A dictionary: of a struct, Mustache would look through a mirror for each name, which takes three times as long (40 µs a page, not 14),
  /// on the thread of the connections.
  private static func html(_ template: String, _ values: [String: String?]) -> String {
    templates.render(template, values.compactMapValues { $0 })
  }

  private static func page(
    _ status: HTTPResponseStatus, _ template: String, _ values: [String: String?], vary: Bool = false
  ) -> FastPathResponse {
    FastPathResponse(
      status: status,
      headers: (vary ? [("Vary", "Accept-Language")] : []) + [
        ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex"),
        (
          "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
      ], body: ByteBuffer(string: html(template, values)))
  }
}
