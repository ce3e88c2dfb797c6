import GRDB

/// A campaign to one's own phone: whoever runs the business is put down as a person of the team, and gets one text.
struct CampaignFirstPage: Page {
  static let template = "campaign-first"

  /// Contacts of one's own people: who carries the tag, whoever has put it there.
  struct Team {
    private static let most = 20
    /// As the tag is spelled already.
    let tag: String
    let first: [Row]
    /// How many more carry it.
    let more: Int64

    init(_ db: Database) throws {
      let tag = try Tag.spelled(db, "team")
      let folded = Tag.folded(tag)
      first = try Row.fetchAll(
        db,
        sql: """
          SELECT c.* FROM contact_tags x JOIN contacts c ON c.id = x.contact_id WHERE x.tag_id = \(Tag.id)
          ORDER BY x.contact_id LIMIT \(Self.most)
          """, arguments: [folded])
      let all =
        try Int64.fetchOne(
          db, sql: "SELECT count(*) FROM contact_tags WHERE tag_id = \(Tag.id)", arguments: [folded]) ?? 0
      (self.tag, more) = (tag, all - Int64(first.count))
    }
  }

  struct Known: Sendable {
    let id: String
    let name: String
    let tags: String
  }

  let title: String
  let tag: String
  let people: [String]
  /// Who is not listed, and is texted, too.
  let more: String?
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
      let team = try Team(db)
      let people = team.first.map { row in
        let name = visit.person(row).text
        let phone = words.phone(row["phone"])
        return name == phone ? phone : "\(name), \(phone)"
      }
      let typed = visit.field("phone", nil)
      let known = try known(db, typed, team, visit)
      // Somebody who is of the team already is nobody to add.
      let isAnother = visit.query("more") != nil && !known.isOfTeam
      let number = try PhoneNumber.fetchOne(
        db.cachedStatement(sql: "SELECT number FROM sending_numbers ORDER BY paused_reason IS NOT NULL, number LIMIT 1")
      )
      return CampaignFirstPage(
        title: words("A first campaign, to yourself"), tag: team.tag, people: people,
        more: team.more == 0
          ? nil : words(team.more, one: "and {0} more person with this tag", many: "and {0} more people with this tag"),
        hasPeople: !people.isEmpty && !isAnother, known: known.contact, phone: typed,
        firstName: visit.field("first_name", nil), name: visit.field("name", words("A first text, to ourselves")),
        body: visit.field("body", words("Hi {{first_name|there}}, this is the first text of our business.")),
        audience: AudienceRule.tag(team.tag).json.serialized, number: number?.description,
        numberName: number.map(words.phone) ?? "", addPath: "\(visit.base)/campaigns/first?more=1")
    }
  }

  private static func known(
    _ db: Database, _ typed: String, _ team: Team, _ visit: Visit<Runtime>
  ) throws -> (contact: Known?, isOfTeam: Bool) {
    guard let phone = TypedNumber.read(typed),
      let row = try Row.fetchOne(db, sql: "\(ContactJSON.select) WHERE c.phone = ?", arguments: [phone])
    else { return (nil, false) }
    if try Tag.isOn(db, row["id"], team.tag) { return (nil, true) }
    let tags = (row.document("tags").list?.compactMap(\.text) ?? []) + [team.tag]
    let known = Known(
      id: String(row["id"] as Int64), name: visit.person(row).text, tags: tags.sorted().joined(separator: ", "))
    return (known, false)
  }
}
