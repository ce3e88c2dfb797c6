import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Merge fields as people write them: matched with the contact's, or refused with the one that was meant.
@Suite struct MergeNameTests {
  private static let known: Set<String> = ["größe", "2nd_name", "favourite_colour", "plan", "ⅷ", "phone_number"]
  private let phone = PhoneNumber(digits: 14_152_681_100)!

  private func text(_ body: String, _ fields: [String: String]) throws -> String? {
    let row = Row([
      "first_name": "Ada", "last_name": "Löwe", "email": "ada@x.test", "fields": Contact.json(fields),
    ])
    return try MessageTemplate(body).render(contact: row, phone: phone, link: { _ in nil })
  }

  @Test(arguments: [
    "First_Name", "First Name", "first-name", "FIRST_NAME", "firstName", "firstname", " first_name ", "first\u{A0}name",
    "contact.first_name", "Contact-First-Name", "customer_firstname",
  ])
  func theFirstNameIsMetInEverySpelling(_ name: String) throws {
    #expect(MessageTemplate.problem("Hi {{\(name)|there}}", known: []) == nil)
    #expect(try text("Hi {{\(name)|there}}", [:]) == "Hi Ada")
  }

  @Test(
    arguments: [
      ("größe", "größe"), ("Größe", "größe"), ("GRÖSSE", nil), ("2nd_name", "2nd_name"), ("2nd Name", "2nd_name"),
      ("2ND-NAME", "2nd_name"), ("Favourite Colour", "favourite_colour"), ("favouritecolour", "favourite_colour"),
      ("favourite-colour", "favourite_colour"), ("ⅷ", "ⅷ"), ("phone number", "phone_number"),
    ] as [(String, String?)])
  func aFieldThatCanBeMadeCanBeMerged(_ written: String, _ field: String?) throws {
    let problem = MessageTemplate.problem("{{\(written)|no}}", known: Self.known)
    #expect((problem == nil) == (field != nil), "\(problem ?? "")")
    if let field { #expect(try text("{{\(written)|no}}", [field: "yes"]) == "yes") }
  }

  @Test func everyNameThatIsMadeOfAHeaderIsANameInAText() throws {
    var chance = Chance()
    let letters = Array("aZéß2 _-.山नीⅷ'ः名\u{301}İ½")
    for _ in 0..<2_000 {
      let name = ContactField.name(String((0..<1 + chance.below(12)).map { _ in chance.pick(letters) }))
      if ContactField.isReserved(name) || name == "first_name" { continue }
      #expect(MessageTemplate.problem("{{\(name)|x}}", known: [name]) == nil, "\(name)")
      #expect(try text("{{\(name)|x}}", [name: "value"]) == "value", "\(name)")
    }
  }

  @Test(arguments: [
    ("fist_name", "first_name"), ("frist name", "first_name"), ("lastnme", "last_name"), ("e-mial", "email"),
    ("favorite_color", "favourite_colour"), ("größee", "größe"), ("FNAME", "first_name"),
    ("unsubscribe", "unsubscribe_link"),
    ("plam", "plan"), ("fields.plan", "plan"), ("field_plan", "plan"), ("custom.first_name", "first_name"),
  ])
  func aNameThatNoContactHasIsRefusedAndTheNearestIsNamed(_ written: String, _ meant: String) {
    for body in ["Hi {{\(written)|there}}", "Hi {{\(written)}}", "See https://shop.test/?a={{\(written)|x}}"] {
      let problem = MessageTemplate.problem(body, known: Self.known)
      #expect(problem?.contains("did you mean {{\(meant)}}?") ?? false, "\(body): \(problem ?? "taken")")
    }
  }

  @Test func whatIsNearNothingIsRefusedAllTheSame() {
    let problem = MessageTemplate.problem("{{shoe_size|42}}", known: Self.known)
    #expect(problem?.contains("no contact has a field shoe_size") ?? false)
    #expect(problem?.contains("did you mean") == false)
  }

  @Test(arguments: ["https://evil.test/x", "see HTTP://evil.test", "a://b"])
  func aDefaultHoldsNoAddress(_ fallback: String) {
    let problem = MessageTemplate.problem("Hi {{first_name|\(fallback)}}", known: [])
    #expect(problem?.contains("default of {{first_name}}") ?? false)
    #expect(MessageTemplate.problem("Hi {{first_name|friend: hello}}", known: []) == nil)
  }

  // MARK: Hygiene

  @Test func aTextIsCleanedOfWhatNobodySeesAndKeepsItsLines() {
    let cases = [
      ("Hi\u{200B} Ada\u{A0}!", "Hi Ada !"), ("a\r\nb\rc\nd", "a\nb\nc\nd"), ("two  blanks ", "two  blanks "),
      ("\u{FEFF}Hi\u{7}\u{202E}", "Hi"), ("tab\there", "tab here"), ("👩\u{200D}👧 ❤\u{FE0F}", "👩\u{200D}👧 ❤\u{FE0F}"),
    ]
    for (text, clean) in cases { #expect(TextCleaner.body(text) == clean) }
  }

  @Test func anInboundTextIsKeptClean() {
    let text = InboundText(
      sid: "SM1", from: phone, to: phone, body: "ok\u{200B}\u{A0}then\r\n\u{0}bye", mediaCount: 0,
      reading: InboundReading(body: "", optOutType: nil, words: .standard, languages: []), at: Moment(milliseconds: 1),
      raw: "")
    #expect(text.body == "ok then\nbye")
  }

  @Test func charactersAreSwappedOnlyWhereThatSavesASegment() throws {
    let long = String(repeating: "It’s “on” – ", count: 10)
    let campaign = { (body: String, isPlain: Bool) in
      CampaignTexts(body: body, variants: [], isPlain: isPlain).render(
        variant: nil, contact: Row(["fields": "{}"]), phone: self.phone, host: nil, token: { _ in "" })
    }
    #expect(campaign(long, false) == long)
    #expect(campaign(long, true) == String(repeating: "It's \"on\" - ", count: 10))
    #expect(SegmentCount(long).segments == 2 && SegmentCount(campaign(long, true)!).segments == 1)
    for kept in ["It’s on", long + "👩"] { #expect(campaign(kept, true) == kept) }
  }
}
