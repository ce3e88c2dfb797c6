import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// What a custom field may be called, and what a number is.
@Suite struct ContactFieldTests {
  private let driver = try! ImportDriver()

  @Test(arguments: [
    ("1e-8", true), ("1e-08", true), ("-2.5E+10", true), ("9223372036854775807", true), ("-9223372036854775808", true),
    ("1234567890123456789", true), ("0.1234567890123456789", true), ("12.50", true), ("0", true), ("-0.5", true),
    // What a number could not hold as it is, and what is a code.
    ("9223372036854775808", false), ("12345678901234567890", false), ("02134", false), ("1e999", false), ("e5", false),
    ("1e", false), ("1.", false), (".5", false), ("0x10", false), ("nan", false), ("inf", false), ("1 2", false),
    ("", false),
    ("-", false), ("0.12345678901234567890123456", false),
  ])
  func aNumberIsWhatComesBackAsItWas(_ text: String, _ isNumber: Bool) {
    #expect((ContactField.Kind.number.canonical(text) == text) == isNumber)
  }

  @Test(arguments: [1e-8, 2.5e300, -1.7976931348623157e308, 0.1, 123_456.789])
  func everyNumberOfADocumentIsTaken(_ value: Double) throws {
    var edit = try Fields(["fields": ["size": .double(value)]])
    let (change, new) = try ContactJSON.edit(&edit, kinds: [:])
    try edit.finish()
    #expect(new == [ContactField(name: "size", kind: .number)])
    let stored = try #require(change.fields.first?.value)
    #expect(ContactField.Kind.number.json(stored) == .double(value))
  }

  /// Codes of a shop look like numbers with an exponent, and stay what they are.
  @Test func aColumnOfCodesIsText() async throws {
    _ = try await driver.run(Array("Phone,Code,Id\n+14152681100,12E4,9223372036854775808\n".utf8))
    let kinds = try await driver.file.read { db in try ContactField.all(db) }
    #expect(kinds == ["code": .text, "id": .text])
  }

  // MARK: Names

  private static let reserved = [
    "do_not_contact", "phone", "Roundhouse ID", "roundhouse_created_at", "created at", "tags", "unsubscribe_link",
  ]

  @Test(arguments: reserved) func noWayMakesAFieldOfAReservedName(_ name: String) async throws {
    let file = Array("Phone,Extra\n+14152681100,1\n".utf8)
    await #expect(throws: Refusal.self) {
      _ = try await driver.run(file, ["map": "field.\(name):Extra"])
    }
    let field = ContactField(name: ContactField.name(name), kind: .text)
    await #expect(throws: Refusal.self) {
      try await driver.file.write { db in try ContactField.define(db, [field], at: Moment(milliseconds: 1)) }
    }
    var fields = try Fields(["fields": .object([(ContactField.name(name), .text("x"))])])
    _ = try ContactJSON.edit(&fields, kinds: [:])
    #expect(!fields.hasNoErrors(about: "fields.\(ContactField.name(name))"))
    // A column that is called so becomes a field of another name, or what it says it is.
    _ = try await driver.run(Array("Phone,Extra,\(name)\n+14152681100,1,2\n".utf8), ["map": "phone:Phone"])
    let kinds = try await driver.file.read { db in try ContactField.all(db) }
    #expect(!kinds.keys.contains(where: ContactField.isReserved))
  }
}
