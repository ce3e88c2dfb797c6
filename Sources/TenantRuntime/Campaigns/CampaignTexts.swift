import GRDB

/// The texts of a campaign, ready to be rendered: one, or one per variant. Links are numbered through all of them, so that each variant's
/// are links of their own, also where two lead to the same place.
struct CampaignTexts: Sendable {
  struct Link: Sendable, Equatable {
    /// Within the campaign: what a token carries.
    var number: Int
    var variant: Int64?
    var target: LinkTarget
  }

  private struct Text: Sendable {
    /// nil: it cannot be read, and nobody gets it.
    var template: MessageTemplate?
    var firstLink: Int
  }

  private(set) var links: [Link] = []
  private var texts: [Text] = []

  /// Characters that cost segments are swapped in what is rendered (`SmartEncoding`).
  private let isPlain: Bool

  init(_ campaign: Campaign, isPlain: Bool = false) {
    self.init(body: campaign.body, variants: campaign.variants, isPlain: isPlain)
  }

  init(body: String, variants: [CampaignVariant], isPlain: Bool = false) {
    self.isPlain = isPlain
    if variants.isEmpty { add(body, variant: nil) }
    for (index, variant) in variants.enumerated() { add(variant.body, variant: Int64(index + 1)) }
  }

  private mutating func add(_ body: String, variant: Int64?) {
    let text = Text(template: try? MessageTemplate(body), firstLink: links.count)
    for target in text.template?.targets ?? [] {
      links.append(Link(number: links.count, variant: variant, target: target))
    }
    texts.append(text)
  }

  /// A contact's text; nil when it has none (`MessageTemplate.render`).
  /// - Parameter token: what stands for a link, by its number within the campaign.
  func render(
    variant: Int64?, contact row: Row, phone: PhoneNumber, host: String?, token: (_ number: Int) -> String
  ) -> String? {
    let index = Int((variant ?? 1) - 1)
    guard texts.indices.contains(index), let template = texts[index].template else { return nil }
    let text = template.render(contact: row, phone: phone) { link in
      let number = link == LinkToken.pageNumber ? link : texts[index].firstLink + link
      return template.address(number, host: host) { token(number) }
    }
    return isPlain ? text.map(SmartEncoding.saving) : text
  }
}
