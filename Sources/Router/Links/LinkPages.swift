import NIOCore
import NIOHTTP1
import TenantRuntime

/// Pages of a link host. No script, nothing from elsewhere, and every word escaped: they show what tenants have typed.
enum LinkPages {
  /// Where a link leads nowhere: unknown, expired or disabled, in the tenant's look.
  static func nowhere(_ name: String, _ look: LinkPage) -> FastPathResponse {
    let name = HTML.escaped(look.name ?? name)
    let color = look.color ?? "#444444"
    let text = HTML.escaped(look.text ?? "This link has expired or was mistyped.")
    return page(
      .notFound,
      """
      <title>\(name)</title><style>:root{color-scheme:light dark;border-top:.5rem solid \(color)}body{font:1.1rem/1.5 system-ui,sans-serif;\
      max-width:28rem;margin:15vh auto;padding:0 1.25rem;text-align:center}h1{line-height:1.2;overflow-wrap:anywhere}p{white-space:pre-line}</style></head>\
      <body><main><h1>\(name)</h1><p>\(text)</p></main></body></html>
      """)
  }

  /// For programs that draw a card of the link; everybody else is redirected.
  static func preview(_ preview: LinkPreview, target: String) -> FastPathResponse {
    func meta(_ property: String, _ content: String?) -> String {
      content.map { "<meta property=\"og:\(property)\" content=\"\(HTML.escaped($0))\">" } ?? ""
    }
    let target = HTML.escaped(target)
    let title = HTML.escaped(preview.title)
    return page(
      .ok,
      """
      <title>\(title)</title>\(meta("type", "website"))\(meta("title", preview.title))\
      \(meta("description", preview.description))\(meta("image", preview.imageURL))\
      <meta http-equiv="refresh" content="0;url=\(target)"></head><body><p><a href="\(target)" rel="noreferrer">\(title)</a></p></body></html>
      """)
  }

  private static func page(_ status: HTTPResponseStatus, _ rest: String) -> FastPathResponse {
    let html = """
      <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">\
      <meta name="robots" content="noindex">
      """
    return FastPathResponse(
      status: status,
      headers: [
        ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex"),
        (
          "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
      ], body: ByteBuffer(string: html + rest))
  }
}

enum HTML {
  /// Byte by byte, as a browser reads: a quote with an accent over it is one `Character`, and still ends an attribute.
  static func escaped(_ text: String) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(text.utf8.count + 32)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): out += "&amp;".utf8
      case UInt8(ascii: "<"): out += "&lt;".utf8
      case UInt8(ascii: ">"): out += "&gt;".utf8
      case UInt8(ascii: "\""): out += "&quot;".utf8
      case UInt8(ascii: "'"): out += "&#39;".utf8
      default: out.append(byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
