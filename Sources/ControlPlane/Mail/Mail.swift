import Foundation
import TenantRuntime

/// A mail to one person: a few sentences, a button, perhaps a code; as text and as HTML.
package struct Mail: Sendable, Codable, Equatable {
  package var to: String
  package var subject: String
  package var sentences: [String]
  package var button: Button?
  package var code: String?
  /// Below, in small letters.
  package var footnote: String
  /// Nil: English.
  package var language: String?

  package struct Button: Sendable, Codable, Equatable {
    package var label: String
    package var link: String
  }

  /// In the language that its reader has chosen. Every sentence of ours is a line of the catalogue.
  func said(in language: Words.Language, at: Moment) -> Mail {
    // Made in any case: it takes the same time.
    let words = Words.plain(.es, now: at)
    let spanish = Mail(
      to: to, subject: words.said(subject), sentences: sentences.map(words.said),
      button: button.map { Button(label: words.said($0.label), link: $0.link) }, code: code,
      footnote: words.said(footnote), language: Words.Language.es.rawValue)
    return language == .es ? spanish : self
  }

  package var text: String {
    var parts = sentences
    if let button { parts.append("\(button.label):\n\(button.link)") }
    if let code { parts.append("\(language == "es" ? "Código" : "Code"): \(code)") }
    return (parts + [footnote]).joined(separator: "\n\n") + "\n"
  }

  package var html: String {
    var body = sentences.map { "<p>\(Markup.escape($0))</p>" }
    if let button {
      let style =
        "display:inline-block;padding:12px 20px;border-radius:8px;background:#025f41;color:#ffffff;text-decoration:none;font-weight:600"
      body.append(
        "<p><a href=\"\(Markup.escape(button.link))\" style=\"\(style)\">\(Markup.escape(button.label))</a></p>")
    }
    if let code {
      body.append(
        "<p style=\"font-size:22px;letter-spacing:2px;font-family:monospace\">\(Markup.escape(code))</p>")
    }
    body.append("<p style=\"color:#616a66;font-size:13px\">\(Markup.escape(footnote))</p>")
    return """
      <!doctype html><html lang="\(language ?? "en")"><head><meta charset="utf-8"><title>\(Markup.escape(subject))</title></head>
      <body style="font:16px/1.5 system-ui,sans-serif;color:#141e1b;max-width:34rem;margin:24px auto;padding:0 16px">
      \(body.joined(separator: "\n"))
      </body></html>

      """
  }

  /// As it is handed to a mail server (RFC 5322, MIME): nothing of it can begin a header of its own.
  func message(from sender: String, id: String, at: Moment) -> [UInt8] {
    let boundary = "=_\(id)"
    let host = sender.split(separator: "@").last.map { $0.filter { $0 != ">" } } ?? "localhost"
    let head = [
      "Date: \(Self.date(at))", "From: \(sender)", "To: <\(to)>", "Subject: \(Self.encoded(subject))",
      "Message-ID: <\(id)@\(host)>", "MIME-Version: 1.0", "Auto-Submitted: auto-generated",
      "Content-Type: multipart/alternative; boundary=\"\(boundary)\"", "",
    ]
    let parts = [("plain", text), ("html", html)].flatMap { kind, content in
      [
        "--\(boundary)", "Content-Type: text/\(kind); charset=utf-8", "Content-Transfer-Encoding: base64", "",
        Data(content.utf8).base64EncodedString(options: [
          .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ]),
      ]
    }
    return Array((head + parts + ["--\(boundary)--", ""]).joined(separator: "\r\n").utf8)
  }

  /// RFC 2047, in words of at most 75 characters.
  static func encoded(_ text: String) -> String {
    let plain = text.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) } && text.utf8.count <= 70
    if plain { return text }
    var words: [String] = []
    var word: [UInt8] = []
    func end() {
      if !word.isEmpty { words.append("=?utf-8?B?\(Data(word).base64EncodedString())?=") }
      word = []
    }
    for scalar in text.unicodeScalars where scalar.value >= 0x20 {
      let bytes = Array(String(scalar).utf8)
      if word.count + bytes.count > 42 { end() }
      word += bytes
    }
    end()
    return words.joined(separator: "\r\n ")
  }

  private static func date(_ at: Moment) -> String {
    let format = DateFormatter()
    format.locale = Foundation.Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "UTC")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
    return format.string(from: Date(timeIntervalSince1970: Double(at.milliseconds) / 1000))
  }
}
