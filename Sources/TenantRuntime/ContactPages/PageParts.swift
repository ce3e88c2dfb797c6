import GRDB

/// A number as people type it: `(415) 555-0100`, with or without a country code.
enum TypedNumber {
  static func read(_ text: String?) -> PhoneNumber? {
    guard let text = text?.trimmed, !text.isEmpty, text.utf8.count <= 60,
      case .success(let phone) = PhoneReader.shared.dialled(text, region: "US")
    else { return nil }
    return phone
  }
}

/// A name with its link, and whether it stands for nothing.
struct PageLink: Sendable {
  let name: String
  let path: String
}

extension Visit where Subject == Runtime {
  var base: String { "/t/\(subject.lease.tenant)" }
  var api: String { "/api/v1/tenants/\(subject.lease.tenant)" }

  func person(_ row: Row) -> PersonName {
    PersonName(row["first_name"], row["last_name"], phone: words.phone(row["phone"]))
  }
}

extension Words {
  /// Who did something, of the names that the program keeps: `user:ana@shop.example`, `key:rh_…`, `import:12`, `circuit_breaker`.
  func actor(_ name: String) -> String {
    let sides = name.split(separator: ":", maxSplits: 1)
    let own = String(sides.last ?? "")
    switch sides.first {
    case "key": return self("a program ({0})", own)
    case "import": return self("import {0}", own)
    case "circuit_breaker": return self("the circuit breaker")
    case "provider": return self("the provider")
    default: return own
    }
  }

  /// Why something is paused, as it is kept: what a person wrote, or who it was where they wrote nothing.
  func because(_ reason: String) -> String {
    let by = "paused by "
    let who = reason.hasPrefix(by) ? String(reason.dropFirst(by.count)) : ""
    let isName = ["user:", "support:", "key:", "command:"].contains(where: who.hasPrefix) && !who.contains(" ")
    return isName ? self("{0} paused it", actor(who)) : said(reason)
  }

  func actor(_ name: String?) -> String? {
    name.flatMap { $0.isEmpty ? nil : actor($0) }
  }

  /// How an opt-out or a consent was stated.
  func method(_ name: String?) -> String {
    switch name ?? "" {
    case "keyword": self("a text with a stop word")
    case "free_text": self("a text that a person read as one")
    case "page": self("the unsubscribe page")
    case "api", "staff": self("your team")
    case "import": self("an import")
    case "import-unreadable": self("an import, in words that nobody can read")
    case "merge": self("a merge with another contact")
    case "number_change": self("their former number")
    case "erasure": self("an erasure")
    case "provider": self("the provider")
    case let other: other.isEmpty ? self("your team") : other.replacing("_", with: " ")
    }
  }

  func seconds(_ count: Int64) -> String {
    switch count {
    case ..<60: self(max(1, count), one: "{0} second", many: "{0} seconds")
    case ..<3600: self((count + 59) / 60, one: "{0} minute", many: "{0} minutes")
    default: self((count + 3599) / 3600, one: "{0} hour", many: "{0} hours")
    }
  }
}

extension Words {
  /// Clicks of which nobody knows whether a person made them, behind what is said of the others.
  func unclear(_ clicks: Int64) -> String {
    clicks > 0 ? " · " + self(clicks, one: "{0} unclear", many: "{0} unclear") : ""
  }
}
