import Foundation
import GRDB

/// The parameters by which web analytics know where a visitor came from: added to a target that does not have them already.
package struct UTM: Sendable, Equatable {
  var source: String?
  var medium: String?
  /// Whether the campaign's name, as a slug, becomes `utm_campaign`.
  var campaign = true
  /// Whether the name of a campaign's variant, as a slug, becomes `utm_content`.
  var content = true

  private static let longest = 100

  init(source: String? = nil, medium: String? = nil, campaign: Bool = true, content: Bool = true) {
    self.source = source
    self.medium = medium
    self.campaign = campaign
    self.content = content
  }

  init(_ fields: inout Fields) {
    self.init(
      source: fields.name("source", most: Self.longest),
      medium: fields.name("medium", most: Self.longest), campaign: fields.bool("campaign") ?? true,
      content: fields.bool("content") ?? true)
  }

  /// The tenant's setting by itself: a request of a link has no need of the others.
  static func read(_ db: Database) throws -> UTM? {
    let stored = try String.fetchOne(db.cachedStatement(sql: "SELECT value FROM settings WHERE name = 'utm'"))
    guard let stored, var fields = try? Fields(try JSON(parsing: stored)) else { return nil }
    return UTM(&fields)
  }

  /// - Parameters:
  ///   - name: the campaign's; nil for a link of its own.
  ///   - variant: the name of the campaign's variant whose link it is.
  func added(to address: String, campaign name: String?, variant: String? = nil) -> String {
    let parts = address.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let base = parts[0]
    let query = base.firstIndex(of: "?").map { base[base.index(after: $0)...] }
    let present = Set((query ?? "").split(separator: "&").map { $0.prefix { $0 != "=" }.lowercased() })
    let wanted = [
      ("utm_source", source), ("utm_medium", medium), ("utm_campaign", campaign ? name.flatMap(Self.slug) : nil),
      ("utm_content", content ? variant.flatMap(Self.slug) : nil),
    ]
    let missing = wanted.compactMap { name, value in
      value.flatMap { present.contains(name) ? nil : "\(name)=\(PercentEncoding.encoded($0))" }
    }
    guard !missing.isEmpty else { return address }
    let joint = query == nil ? "?" : query?.isEmpty == true || base.hasSuffix("&") ? "" : "&"
    return base + joint + missing.joined(separator: "&") + (parts.count > 1 ? "#" + parts[1] : "")
  }

  /// "Été 2026: Sale!" becomes `ete-2026-sale`; nil of a name without letters and digits.
  static func slug(_ name: String) -> String? {
    let plain = name.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil).lowercased()
    let words = plain.split { !($0.isLetter || $0.isNumber) }
    return words.isEmpty ? nil : String(words.joined(separator: "-").unicodeScalars.prefix(longest))
  }
}
