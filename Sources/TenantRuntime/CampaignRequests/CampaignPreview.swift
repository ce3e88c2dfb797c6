import GRDB

/// A campaign before it is launched, from the audience as it is now: what people would read, what it would cost, who would be left out and
/// why, and when the others would be texted. Up to `mostExamined` people are rendered one by one; with more, they are an even sample, the
/// figures are theirs, and what is said of everybody is projected.
enum CampaignPreview {
  private static let mostExamined = 4_000
  /// So many are looked at whatever time it takes; then as many as the time allows.
  private static let leastExamined = 500
  private static let mostSamples = 3
  private static let mostExamples = 20
  private static let mostSeconds = 1.0
  private static let examinedTogether = 16
  /// Other work of the same file waits no longer.
  private static let sliceMilliseconds = 50

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
    var examples: [String: [Int64]] = [:]

    mutating func add(_ look: Look) {
      examined += 1
      if let reason = look.skipped {
        skips[reason, default: 0] += 1
        if examples[reason, default: []].count < mostExamples { examples[reason, default: []].append(look.contact) }
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
  private struct Look: Sendable {
    var contact: Int64
    var phone: PhoneNumber
    var variant: Int64?
    var variantName: String?
    var body: String?
    var skipped: String?
    var count: SegmentCount?
    var hours: TextingHours?
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

  /// - Parameters:
  ///   - variant: as if everybody got that one; nil: each their own, as the launch will give it.
  ///   - brandsUsed: segments of each registered brand that are used today, by everybody.
  static func take(
    _ file: SQLiteFile, _ campaign: Campaign, contact: Int64? = nil, variant: Int64? = nil, lease: Lease,
    brandsUsed: [String: Int64] = [:], now: Moment
  ) async throws -> JSON {
    let start = max(now, campaign.sendAt ?? now)
    let people = try campaign.people()
    let sample: EvenSample?
    if let contact {
      try await file.read { db in try check(db, contact, isAmong: people, now: now) }
      sample = EvenSample(contacts: [contact], count: 1, isWhole: true)
    } else {
      sample = try await EvenSample.take(file, people, atMost: mostExamined, now: now)
    }
    guard let sample else {
      throw Refusal.invalid("audience", "takes too long to look through; preview one contact instead")
    }
    let looks = try await looks(file, sample.contacts, campaign, variant: variant, lease: lease, start: start)
    var figures = Figures()
    var byVariant: [Int64: Figures] = [:]
    if contact == nil, variant == nil {
      for index in campaign.variants.indices { byVariant[Int64(index + 1)] = Figures() }
    }
    var groups: [TextingHours: SendingForecast.Group] = [:]
    let share = Double(sample.count) / Double(max(looks.count, 1))
    for look in looks {
      figures.add(look)
      if let variant = look.variant { byVariant[variant, default: Figures()].add(look) }
      guard look.skipped == nil, let hours = look.hours else { continue }
      var group = groups[hours] ?? SendingForecast.Group()
      group.people += share
      group.segments += share * Double(look.count?.segments ?? 1)
      group.micros += share * Double(look.cost)
      group.contacts.append(look.contact)
      groups[hours] = group
    }
    let (means, closed) = try await file.read { db in
      (
        try SendingMeans(
          db, campaign, lease: lease, settings: try TenantSettings.read(db), brandsUsed: brandsUsed, start: start,
          now: now), try Claim.closedReason(db, lease: lease)
      )
    }
    let forecast = SendingForecast(groups, means, start: start, zone: lease.timeZone)
    let isExact = sample.isWhole && looks.count == sample.contacts.count
    return json(
      campaign, figures, byVariant, people: sample.count, share: isExact ? nil : share,
      ForecastJSON.make(forecast, closed: closed))
  }

  private static func check(_ db: Database, _ contact: Int64, isAmong people: AudienceRule, now: Moment) throws {
    let rule = try people.compiled(db, now: now)
    let isAmong = try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM contacts c WHERE (\(rule.sql)) AND c.id = \(contact))",
      arguments: rule.arguments)
    guard isAmong != true else { return }
    _ = try ContactJSON.find(db, contact)
    throw Refusal.invalid("contact_id", "is not in the audience of this campaign")
  }

  /// As many as the time allows, in the order of their ids. In slices, each a read of its own.
  private static func looks(
    _ file: SQLiteFile, _ contacts: [Int64], _ campaign: Campaign, variant: Int64?, lease: Lease, start: Moment
  ) async throws -> [Look] {
    let end = ContinuousClock.now + .seconds(mostSeconds)
    var looks: [Look] = []
    var (next, hours) = (0, [TextingHours: Bool]())
    while next < contacts.count, next < leastExamined || ContinuousClock.now < end {
      let (from, known) = (next, hours)
      let (more, upTo, asked) = try await file.read { db in
        var examiner = try Examiner(db, campaign, lease: lease, start: start, never: known)
        let pause = ContinuousClock.now + .milliseconds(sliceMilliseconds)
        var (more, next): ([Look], Int) = ([], from)
        while next < contacts.count, more.isEmpty || ContinuousClock.now < pause {
          let some = Array(contacts[next..<min(next + examinedTogether, contacts.count)])
          more += try examiner.examine(db, some, variant: variant)
          next += some.count
        }
        return (more, next, examiner.never)
      }
      looks += more
      (next, hours) = (upTo, asked)
    }
    return looks.sorted { $0.contact < $1.contact }
  }

  private struct Examiner {
    let texts: CampaignTexts
    let gates: SkipGates
    let settings: TenantSettings
    let campaign: Campaign
    let lease: Lease
    let start: Moment
    /// A town has one clock: asked once for all slices, for a question may walk through two weeks of minutes.
    private(set) var never: [TextingHours: Bool]

    init(
      _ db: Database, _ campaign: Campaign, lease: Lease, start: Moment, never: [TextingHours: Bool]
    ) throws {
      self.never = never
      settings = try TenantSettings.read(db)
      texts = CampaignTexts(campaign, isPlain: settings.plainCharacters)
      gates = try SkipGates(db, purpose: campaign.purpose, settings: settings, now: start)
      (self.campaign, self.lease, self.start) = (campaign, lease, start)
    }

    mutating func examine(_ db: Database, _ contacts: [Int64], variant: Int64?) throws -> [Look] {
      let split = variant.map(String.init) ?? campaign.variantSQL(phone: "c.phone")
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT c.*, c.phone AS contact_phone, d.reason AS do_not_contact, b.code AS bad_code, \(split) AS variant
          FROM json_each(?) AS wanted JOIN contacts c ON c.id = wanted.value
          LEFT JOIN do_not_contact d ON d.phone = c.phone LEFT JOIN bad_numbers b ON b.phone = c.phone AND b.until > ?
          """, arguments: [JSON.list(contacts.map(JSON.int)).serialized, start])
      return try rows.map { try examine(db, $0) }
    }

    private mutating func examine(_ db: Database, _ row: Row) throws -> Look {
      let phone: PhoneNumber = row["phone"]
      var look = Look(
        contact: row["id"], phone: phone, variant: row["variant"],
        variantName: campaign.variantName(row["variant"]), price: settings.prices.micros(perSegmentTo: phone))
      let refusal = try gates.refusal(db, row, phone: phone, contact: row["id"])
      look.body = texts.render(variant: look.variant, contact: row, phone: phone, host: lease.linkHosts.first) { _ in
        // As long as the token that takes its place.
        String(repeating: "x", count: LinkToken.length)
      }
      look.count = look.body.map { SegmentCount($0) }
      look.skipped = refusal ?? (look.count.map { $0.segments > Claim.mostSegments } ?? true ? "content" : nil)
      guard look.skipped == nil else { return look }
      let hours = TextingHours(
        phone: phone, ownZone: row["time_zone"], quiet: campaign.quiet, isMarketing: campaign.purpose == .marketing,
        tenantZone: lease.timeZone, tenant: settings.hours, from: campaign.sendAtLocal)
      let isNever = never[hours] ?? (!hours.isUnbound && hours.ask(start) == .never)
      never[hours] = isNever
      (look.hours, look.skipped) = (hours, isNever ? "hours_never_meet" : nil)
      return look
    }
  }

  private static func json(
    _ campaign: Campaign, _ figures: Figures, _ byVariant: [Int64: Figures], people: Int64, share: Double?,
    _ forecast: JSON
  ) -> JSON {
    let variants = byVariant.sorted { $0.key < $1.key }
    let samples = variants.isEmpty ? figures.samples : variants.flatMap(\.value.samples)
    let apart = variants.map { number, figures in
      JSON.object([("variant", .optional(campaign.variantName(number)))] + members(figures, share))
    }
    let skipped = figures.skips.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { reason, count in
      JSON.object([
        ("reason", .text(reason)), ("people", .int(projected(count, share))),
        ("examples", .list((figures.examples[reason] ?? []).map(JSON.int))),
      ])
    }
    return .object(
      [("audience", .int(people)), ("exact", .bool(share == nil))] + members(figures, share) + [
        ("skipped", .list(skipped)), ("forecast", forecast), ("samples", .list(samples)), ("by_variant", .list(apart)),
      ])
  }

  private static func projected(_ count: Int64, _ share: Double?) -> Int64 {
    share.map { Int64((Double(count) * $0).rounded()) } ?? count
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
      ("encodings", counts(figures.encodings)), ("segments_saved_if_plain", .int(projected(figures.saved, share))),
      ("cost_micros", .int(projected(figures.cost, share))),
    ]
  }
}
