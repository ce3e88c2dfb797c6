import GRDB

/// A campaign to one's own phone: whoever runs the business is put down as a person of the team, and gets one text.
struct CampaignFirstPage: Page {
  static let template = "campaign-first"
  /// Contacts of one's own people.
  private static let team = "team"
  private static let most = 20

  struct Known: Sendable {
    let id: String
    let name: String
    let tags: String
  }

  let title: String
  let tag: String
  let people: [String]
  let hasPeople: Bool
  /// A contact that has the number already, and is not of the team.
  let known: Known?
  let phone: String
  let firstName: String
  let name: String
  let body: String
  let audience: String
  let number: String?
  let numberName: String
  let addPath: String

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    return try await visit.subject.file.read { db in
      let people = try Row.fetchAll(
        db,
        sql: """
          SELECT c.* FROM contacts c JOIN contact_tags x ON x.contact_id = c.id JOIN tags t ON t.id = x.tag_id
          WHERE t.name = ? ORDER BY c.id LIMIT \(most)
          """, arguments: [team]
      ).map { row in
        let name = visit.person(row).text
        let phone = words.phone(row["phone"])
        return name == phone ? phone : "\(name), \(phone)"
      }
      let typed = visit.field("phone", nil)
      let isAnother = visit.query("more") != nil
      let number = try PhoneNumber.fetchOne(
        db, sql: "SELECT number FROM sending_numbers ORDER BY paused_reason IS NOT NULL, number LIMIT 1")
      return CampaignFirstPage(
        title: words("A first campaign, to yourself"), tag: team, people: people,
        hasPeople: !people.isEmpty && !isAnother, known: try known(db, typed, visit), phone: typed,
        firstName: visit.field("first_name", nil), name: visit.field("name", words("A first text, to ourselves")),
        body: visit.field("body", words("Hi {{first_name|there}}, this is the first text of our business.")),
        audience: AudienceRule.tag(team).json.serialized, number: number?.description,
        numberName: number.map(words.phone) ?? "", addPath: "\(visit.base)/campaigns/first?more=1")
    }
  }

  private static func known(_ db: Database, _ typed: String, _ visit: Visit<Runtime>) throws -> Known? {
    guard let phone = TypedNumber.read(typed),
      let row = try Row.fetchOne(db, sql: "\(ContactJSON.select) WHERE c.phone = ?", arguments: [phone])
    else { return nil }
    let tags = (row.document("tags").list?.compactMap(\.text) ?? []) + [team]
    return Known(
      id: String(row["id"] as Int64), name: visit.person(row).text, tags: Set(tags).sorted().joined(separator: ", "))
  }
}
