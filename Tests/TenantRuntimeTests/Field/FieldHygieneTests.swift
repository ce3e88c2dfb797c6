import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Texts, links, times and zones as people write them.
@Suite struct FieldHygieneTests {
  @Test(arguments: [
    ("Hi {first_name}!", "{{first_name}}"), ("Hi [FIRST_NAME]", "{{first_name}}"), ("Hi *|FNAME|*", "{{first_name}}"),
    ("Hi %FIRST_NAME%", "{{first_name}}"), ("Hi %FIRSTNAME%", "{{first_name}}"), ("Hi ${first_name}", "{{first_name}}"),
    ("Hi [[name]]", "{{first_name}}"), ("Hi <<First Name>>", "{{first_name}}"), ("Hi %%last_name%%", "{{last_name}}"),
    ("Hi {!Contact.FirstName}", "{{"), ("From {city}", "{{city}}"), ("Hi <FirstName>", "{{first_name}}"),
    ("Hi {{Nickname}}", "Nickname"),
    ("Hi {{nickname|there}}", "no contact has a field nickname"), ("*|UNSUB|*", "{{unsubscribe_link}}"),
    ("Hi [First Name],", "{{first_name}}"),
  ])
  func aPlaceholderOfAnotherToolIsRefusedWithTheRightOne(_ body: String, _ proposal: String) {
    let problem = MessageTemplate.problem(body, known: ["city"])
    #expect(problem?.lowercased().contains(proposal.lowercased()) ?? false, "\(body): \(problem ?? "nil")")
  }

  @Test(arguments: [
    "Save 20% TODAY! 50% OFF", "Prices {from $5}", "Meet [at the door]", "a <3 b", "Win #BIG",
    "Hi {{first_name|there}} {{ First Name | you }}",
    "{{FIRSTNAME|x}} {{Last_Name}} {{City}} {{Favourite Colour|blue}}", "5% off, 10% off", "[1] and [2]",
    "Call us @ 5pm @ home", "I <3 you",
  ])
  func ordinaryTextsAreTaken(_ body: String) {
    #expect(MessageTemplate.problem(body, known: ["city", "favourite_colour"]) == nil)
  }

  @Test func aMergeFieldIsMatchedAsItIsWritten() throws {
    let row = Row(["first_name": "Ada", "last_name": nil, "email": nil, "fields": #"{"favourite_colour":"red"}"#])
    let template = try MessageTemplate(
      "{{First Name|there}} {{FIRSTNAME}} {{Favourite Colour}} {{favouritecolour}} {{contact.first_name}}")
    #expect(
      template.render(contact: row, phone: PhoneNumber(digits: 14_152_681_100)!, link: { _ in nil })
        == "Ada Ada red red Ada")
  }

  @Test(arguments: [
    ("See https://wiki.test/Blur_(band) now", "https://wiki.test/Blur_(band)"),
    ("(https://shop.test/a)", "https://shop.test/a"),
    ("“https://shop.test/a”", "https://shop.test/a"), ("go https://shop.test/a…", "https://shop.test/a"),
    ("看https://shop.test/a。", "https://shop.test/a"),
    ("https://shop.test/a看看", "https://shop.test/a"), ("https://wiki.test/東京 x", "https://wiki.test/東京"),
    ("https://shop.test/a’s", "https://shop.test/a’s"),
    ("«https://shop.test/a»", "https://shop.test/a"), ("https://shop.test/a）", "https://shop.test/a"),
    ("https://shop.test/a\u{200B} b", "https://shop.test/a"),
    ("https://shop.test/a?b=(c).", "https://shop.test/a?b=(c)"), ("*https://shop.test/a*", "https://shop.test/a"),
    ("https://shop.test/a, https", "https://shop.test/a"),
    ("https://shop.test/[x]", "https://shop.test/[x]"), ("‘https://shop.test/a’", "https://shop.test/a"),
    ("https://shop.test/a!!", "https://shop.test/a"),
  ])
  func anAddressEndsWherePeopleMean(_ body: String, _ address: String) throws {
    #expect(try MessageTemplate(body).targets.first?.written == address)
  }

  @Test(arguments: [
    "2026-02-30T10:00:00Z", "2026-04-31T10:00:00Z", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-10T00:00:00Z",
  ])
  func aDayThatIsNoneIsRefused(_ text: String) { #expect(Moment(iso8601: text) == nil) }

  @Test func theCountriesBehindPlusOneAreApart() {
    let jamaica = PhoneNumber(digits: 18_765_551_234)!
    let california = PhoneNumber(digits: 14_152_681_100)!
    #expect(
      california.begins(with: "1") && !jamaica.begins(with: "1") && jamaica.begins(with: "1876")
        && !california.begins(with: "1876"))
    #expect(PriceTable().micros(perSegmentTo: jamaica) == PriceTable.elsewhere)
    #expect(PriceTable(["1": 5_000, "1876": 70_000]).micros(perSegmentTo: jamaica) == 70_000)
    #expect(PriceTable(["1": 5_000]).micros(perSegmentTo: jamaica) == PriceTable.elsewhere)
    #expect(PriceTable(["1": 5_000]).micros(perSegmentTo: california) == 5_000)
  }

  @Test(arguments: [
    ("america/los_angeles", ["America/Los_Angeles"]), ("America/New York", ["America/New_York"]),
    ("AMERICA/CHICAGO", ["America/Chicago"]),
    ("Eastern", ["America/New_York"]), ("ET", ["America/New_York"]), ("EST", ["America/New_York", "UTC-05:00"]),
    ("US/Eastern", ["America/New_York"]),
    ("Eastern Time (US & Canada)", ["America/New_York"]),
    ("(GMT-05:00) Eastern Time (US & Canada)", ["America/New_York"]),
    ("Pacific Standard Time", ["America/Los_Angeles"]), ("W. Europe Standard Time", ["Europe/Berlin"]),
    ("UTC-05:00", ["UTC-05:00"]),
    ("GMT+1", ["UTC+01:00"]), ("-0500", ["UTC-05:00"]), ("London", ["Europe/London"]),
    ("Mountain Time", ["America/Denver"]), ("Arizona", ["America/Phoenix"]),
    ("UTC", ["UTC"]), ("Mars/Phobos", []), ("", []), ("soon", []), ("Europe/Berlin", ["Europe/Berlin"]),
    ("Etc/GMT+4", ["Etc/GMT+4"]), ("Etc/GMT-4", ["Etc/GMT-4"]), ("Etc/GMT+99", []),
    ("(UTC-08:00) Pacific Time (US & Canada)", ["America/Los_Angeles"]),
  ])
  func aZoneIsReadInAnySpelling(_ text: String, _ zones: [String]) { #expect(TimeZones.candidates(text) == zones) }

  @Test(arguments: [
    ("\u{A0}Ana\u{200B}", "Ana"), ("Cé\u{200C}line", "Céline"), ("\u{202A}Dan\u{202C}", "Dan"), ("F\u{AD}lo", "Flo"),
    ("a\u{2003}\u{2003}b", "a b"),
    ("👩\u{200D}👧", "👩\u{200D}👧"), ("❤\u{FE0F}", "❤\u{FE0F}"), ("می\u{200C}خواهم", "می\u{200C}خواهم"),
    ("क्\u{200D}ष", "क्\u{200D}ष"), ("A\u{FE0F}da", "Ada"),
    ("Ana\r\nMaria", "Ana Maria"),
    (
      "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
      "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}"
    ),
  ])
  func aTextIsCleanedOfWhatNobodySees(_ text: String, _ clean: String) {
    #expect(TextCleaner.clean(text).unicodeScalars.elementsEqual(clean.unicodeScalars))
    let isClean = Array(text.utf8).withUnsafeBufferPointer(TextCleaner.isClean)
    if text != clean { #expect(!isClean) }
  }

  @Test func aShortCodeAndANameAreKeptAndCannotBeAnswered() async throws {
    let driver = try ImportDriver()
    let to = PhoneNumber(digits: 14_155_550_999)!
    for (place, sender) in ["68849", "SUPPORT"].enumerated() {
      let text = InboundText(
        sid: "SM\(place)", from: PhoneNumber(sender: sender), to: to, body: "STOP code 1234", mediaCount: 0,
        reading: InboundReading(body: "", optOutType: nil, words: .standard, languages: []), at: driver.now,
        raw: "From=\(sender)", sender: sender)
      try await driver.file.write { db in
        var effects = Effects()
        try text.apply(db, &effects)
      }
    }
    let shown = try await driver.file.read { db in
      try Row.fetchAll(db, sql: "\(ConversationJSON.select) ORDER BY v.id").map {
        try ConversationJSON.json($0) { _ in false }
      }
    }
    #expect(shown.map { $0["sender"]?.text } == ["68849", "SUPPORT"])
    #expect(shown.allSatisfy { $0["phone"] == .null && $0["can_be_answered"] == false && $0["unread"] == 1 })
    #expect(
      try await driver.file.read { db in try Int64.fetchOne(db, sql: "SELECT count(*) FROM do_not_contact") } == 0)
  }
}
