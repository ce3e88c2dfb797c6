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
    /// Segments fewer with plain characters.
    var saved: Int64 = 0
    var segments: [Int: Int64] = [:]
    var encodings: [String: Int64] = [:]
    var skips: [String: Int64] = [:]
    var samples: [JSON] = []

    mutating func add(_ look: Look) {
      examined += 1
      if let reason = look.skipped {
        skips[reason, default: 0] += 1
      } else if let count = look.count {
        texted += 1
        cost += look.cost
        saved += Int64(count.segments - look.plainSegments)
        segments[count.segments, default: 0] += 1
        encodings[count.encoding.rawValue, default: 0] += 1
      }
      if samples.count < mostSamples { samples.append(look.json) }
    }
  }

  /// One person, looked at.
  private struct Look {
    var contact: Int64
    var phone: PhoneNumber
    var variant: Int64?
    var variantName: String?
    var body: String?
    var skipped: String?
    var count: SegmentCount?
    var price: Int64

    var cost: Int64 { skipped == nil ? Int64(count?.segments ?? 0) * price : 0 }

    var json: JSON {
      [
        "contact_id": .int(contact), "phone": .phone(phone), "variant": .optional(variantName),
        "body": .optional(body), "skipped": .optional(skipped), "segments": .int(count?.segments ?? 0),
        "encoding": .optional(count?.encoding.rawValue), "cost_micros": .int(cost),
        "costly_characters": .list(costly.prefix(20).map(Self.named)),
        "segments_if_plain": .int(plainSegments),
      ]
    }

    var plainSegments: Int { body.map { SegmentCount(SmartEncoding.saving($0)).segments } ?? 0 }

    private var costly: [Unicode.Scalar] { body.map(SegmentCount.costly) ?? [] }

    /// Who swaps it for the plain one may save segments.
    private static func named(_ scalar: Unicode.Scalar) -> JSON {
      let plain = SmartEncoding.apply(String(scalar))
      let code = String(scalar.value, radix: 16, uppercase: true)
      return [
        "character": .text(String(scalar)),
        "code": .text("U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code),
        "plain": plain == String(scalar) ? .null : .text(plain),
      ]
    }
  }

  /// - Parameter variant: as if everybody got that one; nil: each their own, as the launch will give it.
  static func take(
    _ db: Database, _ campaign: Campaign, contact: Int64?, variant: Int64? = nil, lease: Lease, now: Moment
  ) throws -> JSON {
    let people = try campaign.people()
    let audience = try AudienceCount.take(db, people, now: now)
    let rule = try people.compiled(db, now: now)
    let settings = try TenantSettings.read(db)
    let texts = CampaignTexts(campaign, isPlain: settings.plainCharacters)
    let gates = try SkipGates(db, purpose: campaign.purpose, settings: settings, now: now)
    let split = variant.map(String.init) ?? campaign.variantSQL(phone: "c.phone")
    let rows = try Deadline.run(db, milliseconds: mostMilliseconds) {
      try Row.fetchAll(
        db,
        sql: """
          SELECT c.*, c.phone AS contact_phone, d.reason AS do_not_contact, b.code AS bad_code, \(split) AS variant FROM contacts c
          LEFT JOIN do_not_contact d ON d.phone = c.phone LEFT JOIN bad_numbers b ON b.phone = c.phone AND b.until > \(now.milliseconds)
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
    var figures = Figures()
    var byVariant: [Int64: Figures] = [:]
    if contact == nil, variant == nil {
      for index in campaign.variants.indices { byVariant[Int64(index + 1)] = Figures() }
    }
    for row in rows {
      var look = try examine(db, row, texts, gates, prices: settings.prices, host: lease.linkHosts.first)
      look.variantName = campaign.variantName(look.variant)
      figures.add(look)
      if let variant = look.variant { byVariant[variant, default: Figures()].add(look) }
    }
    return json(campaign, figures, byVariant, audience, whole: contact == nil)
  }

  private static func examine(
    _ db: Database, _ row: Row, _ texts: CampaignTexts, _ gates: SkipGates, prices: PriceTable, host: String?
  ) throws -> Look {
    let phone: PhoneNumber = row["phone"]
    var look = Look(
      contact: row["id"], phone: phone, variant: row["variant"], price: prices.micros(perSegmentTo: phone))
    let refusal = try gates.refusal(db, row, phone: phone, contact: row["id"])
    look.body = texts.render(variant: look.variant, contact: row, phone: phone, host: host) { _ in
      // As long as the token that takes its place.
      String(repeating: "x", count: LinkToken.length)
    }
    look.count = look.body.map { SegmentCount($0) }
    look.skipped = refusal ?? (look.count.map { $0.segments > Claim.mostSegments } ?? true ? "content" : nil)
    return look
  }

  private static func json(
    _ campaign: Campaign, _ figures: Figures, _ byVariant: [Int64: Figures], _ audience: AudienceCount, whole: Bool
  ) -> JSON {
    let projected = whole && audience.count > figures.examined
    let share = projected ? Double(audience.count) / Double(max(figures.examined, 1)) : nil
    let variants = byVariant.sorted { $0.key < $1.key }
    let samples = variants.isEmpty ? figures.samples : variants.flatMap(\.value.samples)
    let apart = variants.map { number, figures in
      JSON.object([("variant", .optional(campaign.variantName(number)))] + members(figures, share))
    }
    return .object(
      [
        ("audience", .int(whole ? audience.count : figures.examined)),
        ("exact", .bool(!projected && (audience.isExact || !whole))),
      ] + members(figures, share) + [("samples", .list(samples)), ("by_variant", .list(apart))])
  }

  /// - Parameter share: how many people stand behind each that was examined; nil: none but themselves.
  private static func members(_ figures: Figures, _ share: Double?) -> [(String, JSON)] {
    func counts(_ values: [String: Int64]) -> JSON {
      .object(values.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
    }
    return [
      ("examined", .int(figures.examined)), ("texted", .int(figures.texted)),
      ("skipped_reasons", counts(figures.skips)),
      ("segments", counts(Dictionary(uniqueKeysWithValues: figures.segments.map { (String($0.key), $0.value) }))),
      ("encodings", counts(figures.encodings)),
      ("segments_saved_if_plain", .int(share.map { Int64((Double(figures.saved) * $0).rounded()) } ?? figures.saved)),
      ("cost_micros", .int(share.map { Int64((Double(figures.cost) * $0).rounded()) } ?? figures.cost)),
    ]
  }
}
