import GRDB
import Hummingbird

/// A campaign's text to a few phones of the team, before anybody else gets it: through the same ledger and gates as a reply, counted in
/// cost and in no report. Links work and are counted for nobody.
enum TestSend {
  static let routes: [Route<Runtime>] = [
    Route(
      .post, "campaigns/:id/test-sends", needs: .launchCampaigns, about: "Text a campaign's text to phones of the team",
      body: .json(
        [Documented("to", .list(.text(example: "+14155550123"), most: mostAtOnce), required: true)] + .ofPreview),
      answers: [.accepted(.testsPlanned)], create),
    Route(
      .get, "campaigns/:id/test-sends", needs: .readCampaigns, about: "Test sends of a campaign", query: .page,
      answers: [.page(.testSend)], list),
  ]
  private static let mostAtOnce = 5

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    var fields = try await call.fields()
    var phones: [PhoneNumber] = []
    for value in fields.list("to", most: mostAtOnce) ?? [] {
      switch PhoneReader.shared.read(value.text ?? "", region: "US") {
      case .success(let phone): if !phones.contains(phone) { phones.append(phone) }
      case .failure(let why): fields.fail("to", why.sentence)
      }
    }
    if phones.isEmpty, fields.hasNoErrors(about: "to") { fields.fail("to", "needs at least one phone number") }
    let contact = fields.int("contact_id", in: 1...Int64.max)
    let variant = fields.text("variant", most: 100)
    try fields.finish()
    return try await call.answer(.accepted) { [phones] change in
      ["data": .list(try plan(change, id, variant: variant, to: phones, asFor: contact))]
    }
  }

  private static func plan(
    _ change: Transaction, _ id: Int64, variant: String?, to phones: [PhoneNumber], asFor contact: Int64?
  ) throws -> [JSON] {
    let campaign = try Campaign.find(change.db, id: id)
    try campaign.checkComplete()
    let number = try variant.map { try campaign.variant(named: $0) } ?? (campaign.variants.isEmpty ? nil : 1)
    let made = try phones.map { phone in
      try plan(change.db, campaign, variant: number, to: phone, asFor: contact, change.lease, at: change.now)
    }
    // To whom says the ledger: numbers have no place in a log that is kept whole.
    let jobs = made.compactMap { $0["id"]?.int }.map(String.init).joined(separator: ",")
    try change.audit("campaign.test", "campaign:\(id)", after: "send_jobs:\(jobs)")
    change.effects.wakes.insert(.sending)
    return made
  }

  /// Writes job and message; the text is rendered for `contact`, else for the contact that has the phone, else for nobody in
  /// particular.
  private static func plan(
    _ db: Database, _ campaign: Campaign, variant: Int64?, to phone: PhoneNumber, asFor contact: Int64?, _ lease: Lease,
    at: Moment
  ) throws -> JSON {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM contacts WHERE CASE WHEN ?1 IS NULL THEN phone = ?2 ELSE id = ?1 END"),
      arguments: [contact, phone])
    if contact != nil, row == nil { throw Refusal.invalid("contact_id", "is not a contact") }
    guard let number = campaign.numbers.first else { throw Refusal.invalid("numbers", "the campaign has none") }
    let texts = CampaignTexts(campaign, isPlain: try TenantSettings.read(db).plainCharacters)
    let nobody = Row(["first_name": nil, "last_name": nil, "email": nil, "fields": "{}"])
    let (job, _, body) = try DirectText.plan(
      db, .test, to: phone, from: number, testOf: campaign.id, variant: variant, at: at
    ) { job in
      let text = texts.render(
        variant: variant, contact: row ?? nobody, phone: phone, host: lease.linkHosts.first
      ) { link in LinkToken.inText(job: job, number: link).text(key: lease.linkKeys.newest) }
      guard let text else {
        throw Refusal.invalid(
          contact == nil ? "to" : "contact_id", "has no value for a merge field of the text; choose a contact that has")
      }
      return text
    }
    return [
      "id": .int(job), "phone": .phone(phone), "state": "queued", "body": .text(body),
      "variant": .optional(campaign.variantName(variant)),
    ]
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    let page = try PageRequest(call)
    let campaign = try await call.subject.file.read { db in try Campaign.find(db, id: id) }
    return try await call.subject.file.page(
      page,
      """
      SELECT j.*, m.body FROM send_jobs j LEFT JOIN messages m ON m.id = j.message_id WHERE j.test_of = ? AND j.id > ? ORDER BY j.id
      """, [id, page.after]
    ) { row in
      [
        "id": row.int("id"), "phone": row.phone("phone"), "state": row.text("state"), "reason": row.text("reason"),
        "sid": row.text("sid"), "segments": row.int("segments"), "cost_micros": row.int("cost_micros"),
        "body": row.text("body"), "variant": .optional(campaign.variantName(row["variant"])),
      ]
    }
  }
}
