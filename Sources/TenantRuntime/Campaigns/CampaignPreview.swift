import GRDB

/// A campaign before it is launched, from the audience as it is now: what people would read, what it would cost, and who would be left
/// out and why. Up to `mostExamined` people are rendered one by one; with more, the figures are theirs and the cost is projected.
enum CampaignPreview {
  private static let mostExamined = 1_000
  private static let mostSamples = 3
  private static let mostMilliseconds = 1_500

  private struct Figures {
    var examined: Int64 = 0
    var texted: Int64 = 0
    var cost: Int64 = 0
    var segments: [Int: Int64] = [:]
    var encodings: [String: Int64] = [:]
    var skips: [String: Int64] = [:]
    var samples: [JSON] = []
  }

  static func take(
    _ db: Database, _ campaign: Campaign, contact: Int64?, lease: Lease, now: Moment
  ) throws -> JSON {
    let audience = try AudienceCount.take(db, campaign.audience, now: now)
    let rule = try campaign.audience.compiled(db, now: now)
    let template = try? MessageTemplate(campaign.body)
    let settings = try TenantSettings.read(db)
    let gates = try SkipGates(db, purpose: campaign.purpose, settings: settings, now: now)
    var figures = Figures()
    let rows = try Deadline.run(db, milliseconds: mostMilliseconds) {
      try Row.fetchAll(
        db,
        sql: """
          SELECT c.*, d.reason AS do_not_contact, b.code AS bad_code FROM contacts c
          LEFT JOIN do_not_contact d ON d.phone = c.phone LEFT JOIN bad_numbers b ON b.phone = c.phone
          WHERE (\(rule.sql)) AND \(contact.map { "c.id = \($0)" } ?? "1") ORDER BY c.id LIMIT \(mostExamined)
          """, arguments: rule.arguments)
    }
    guard let rows else {
      throw Refusal.invalid("audience", "takes too long to look through; preview one contact instead")
    }
    if let contact, rows.isEmpty {
      _ = try ContactJSON.find(db, contact)
      throw Refusal.invalid("contact_id", "is not in the audience of this campaign")
    }
    for row in rows {
      try examine(db, row, template, gates, prices: settings.prices, host: lease.linkHosts.first, &figures)
    }
    return json(figures, audience, whole: contact == nil)
  }

  private static func examine(
    _ db: Database, _ row: Row, _ template: MessageTemplate?, _ gates: SkipGates, prices: PriceTable,
    host: String?,
    _ figures: inout Figures
  ) throws {
    let phone: PhoneNumber = row["phone"]
    figures.examined += 1
    let price = prices.micros(perSegmentTo: phone)
    let refusal = try gates.refusal(db, row, phone: phone, contact: row["id"])
    let body = template.flatMap { render($0, row, phone, host: host) }
    let count = body.map { SegmentCount($0) }
    let reason = refusal ?? (count.map { $0.segments > Claim.mostSegments } ?? true ? "content" : nil)
    if let reason {
      figures.skips[reason, default: 0] += 1
    } else if let count {
      figures.texted += 1
      figures.cost += Int64(count.segments) * price
      figures.segments[count.segments, default: 0] += 1
      figures.encodings[count.encoding.rawValue, default: 0] += 1
    }
    guard figures.samples.count < mostSamples else { return }
    figures.samples.append([
      "contact_id": row.int("id"), "phone": .phone(phone), "body": .optional(body), "skipped": .optional(reason),
      "segments": .int(count?.segments ?? 0), "encoding": .optional(count?.encoding.rawValue),
      "cost_micros": .int(reason == nil ? Int64(count?.segments ?? 0) * price : 0),
    ])
  }

  private static func json(_ figures: Figures, _ audience: AudienceCount, whole: Bool) -> JSON {
    let share = figures.examined == 0 ? 0 : Double(audience.count) / Double(figures.examined)
    let projected = whole && audience.count > figures.examined
    func counts(_ values: [String: Int64]) -> JSON {
      .object(values.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
    }
    return [
      "audience": .int(whole ? audience.count : figures.examined), "examined": .int(figures.examined),
      "exact": .bool(!projected && (audience.isExact || !whole)), "texted": .int(figures.texted),
      "skipped_reasons": counts(figures.skips),
      "segments": counts(Dictionary(uniqueKeysWithValues: figures.segments.map { (String($0.key), $0.value) })),
      "encodings": counts(figures.encodings),
      "cost_micros": .int(projected ? Int64((Double(figures.cost) * share).rounded()) : figures.cost),
      "samples": .list(figures.samples),
    ]
  }

  private static func render(_ template: MessageTemplate, _ row: Row, _ phone: PhoneNumber, host: String?) -> String? {
    template.render(contact: row, phone: phone) { number in
      // As long as the token that takes its place.
      template.address(number, host: host) { String(repeating: "x", count: LinkToken.length) }
    }
  }
}
