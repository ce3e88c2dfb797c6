import GRDB

/// One of the texts of a campaign that tries several. The audience is split among them by weight (`VariantSplit`).
///
/// Variants are numbered from 1 in the order they were given, in send jobs, links and figures; a campaign without any has NULL there, and
/// 0 in the keys of figures.
package struct CampaignVariant: Sendable, Equatable {
  package var name: String
  package var body: String
  /// How many shares of the audience it gets.
  package var weight: Int64

  static let least = 2
  static let most = 5
  static let weights: ClosedRange<Int64> = 1...100
  private static let longestName = 40

  package init(name: String, body: String, weight: Int64 = 1) {
    self.name = name
    self.body = body
    self.weight = weight
  }

  var json: JSON { ["name": .text(name), "body": .text(body), "weight": .int(weight)] }

  /// As `campaigns.variants` holds them; nil: none.
  static func stored(_ variants: [CampaignVariant]) -> String? {
    variants.isEmpty ? nil : JSON.list(variants.map(\.json)).serialized
  }

  static func read(stored: String?) throws -> [CampaignVariant] {
    guard let stored else { return [] }
    return (try JSON(parsing: stored).list ?? []).map { value in
      CampaignVariant(
        name: value["name"]?.text ?? "", body: value["body"]?.text ?? "", weight: value["weight"]?.int ?? 1)
    }
  }

  /// The member `variants` of a request; nil: it is not there.
  static func read(_ fields: inout Fields, _ rules: BodyRules) -> [CampaignVariant]? {
    guard let list = fields.list("variants", most: most) else {
      return fields.hasNoErrors(about: "variants") ? nil : []
    }
    if list.count < least { fields.fail("variants", "must be \(least) to \(most), or none at all") }
    var variants: [CampaignVariant] = []
    var links = 0
    for (index, value) in list.enumerated() {
      guard var inner = try? Fields(value, prefix: "variants[\(index)]") else {
        fields.fail("variants[\(index)]", "must be an object")
        continue
      }
      variants.append(read(&inner, rules, besides: variants, &links))
      fields.absorb(inner)
    }
    return variants
  }

  private static func read(
    _ fields: inout Fields, _ rules: BodyRules, besides others: [CampaignVariant], _ links: inout Int
  ) -> CampaignVariant {
    let name = fields.requiredName("name", most: longestName)
    // Names that differ in capitals alone would be one in a web analysis.
    if !name.isEmpty, others.contains(where: { $0.name.lowercased() == name.lowercased() }) {
      fields.fail("name", "is the name of another variant")
    }
    let body = fields.requiredBody("body")
    if let problem = rules.problem(body) {
      fields.fail("body", problem)
    } else {
      links += (try? MessageTemplate(body))?.targets.count ?? 0
      if links > MessageTemplate.mostLinks {
        fields.fail(
          "body", "makes it \(links) links: all variants together may hold at most \(MessageTemplate.mostLinks)")
      }
    }
    let weight = fields.int("weight", in: weights) ?? 1
    return CampaignVariant(name: name, body: body, weight: weight)
  }
}

extension Campaign {
  /// What a campaign without variants calls its only text: nothing.
  func variantName(_ number: Int64?) -> String? {
    guard let number, number >= 1, number <= variants.count else { return nil }
    return variants[Int(number) - 1].name
  }

  /// The number of the variant that a request names by `field`.
  func variant(named name: String, field: String = "variant") throws -> Int64 {
    guard let index = variants.firstIndex(where: { $0.name == name }) else {
      throw Refusal.invalid(
        field,
        variants.isEmpty
          ? "is given, but the campaign has no variants"
          : "must be one of " + variants.map(\.name).joined(separator: ", "))
    }
    return Int64(index + 1)
  }
}
