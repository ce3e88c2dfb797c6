import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Every parser of strangers' bytes takes anything: it ends, and does not trap. `SEED=N` repeats a run.
@Suite struct StrangersBytesTests {
  private let folder = try! TestFolder()

  @Test func phoneNumbers() {
    var chance = Chance()
    let pieces = [
      "+", "1", "0", "9", "415", "555", "(", ")", "-", ".", " ", "ext", "x", "#", "*", ";", "tel:", "e", "\u{0}",
      "\u{661}", "٣", "e\u{301}", "00", "++",
    ]
    for _ in 0..<3_000 {
      let text = chance.text(20, of: pieces)
      if case .success(let phone) = PhoneReader.shared.read(
        text, region: chance.pick(["US", "GB", "", "zz", "\u{0}", "U\u{301}"]))
      {
        #expect(PhoneNumber(e164: phone.description) == phone)
      }
      _ = PhoneNumber(e164: text)
    }
    _ = PhoneReader.shared.read(String(repeating: "1", count: 1 << 20), region: "US")
  }

  @Test func forms() {
    var chance = Chance()
    for _ in 0..<3_000 {
      let noise = chance.bytes(120, from: Array("a=b&+%0aZ;é".utf8))
      let form = FormBody(noise)
      _ = form["a"]
      _ = form.signed(after: "https://h/")
    }
  }

  @Test func aFormIsReadAsItWasWritten() {
    var chance = Chance()
    for _ in 0..<1_000 {
      let fields = (0..<chance.below(6)).map {
        (
          "n\($0)" + chance.text(4, of: ["=", "&", "+", "%", "é", " "]),
          chance.text(8, of: ["a", "&", "=", "+", "%41", "\u{0}", "é", "😀", "\n"])
        )
      }
      let form = FormBody(FormBody.encoded(fields.map { (name: $0.0, value: $0.1) }).utf8)
      for (name, value) in fields { #expect(form[name]?.utf8.elementsEqual(value.utf8) == true) }
    }
  }

  @Test func statusReportsSurviveTheIntake() throws {
    var chance = Chance()
    for _ in 0..<500 {
      let raw = FormBody.encoded([
        ("MessageSid", "SM\(chance.below(1_000))"), ("MessageStatus", chance.text(4, of: ["sent", " ", "\n", "é"])),
        ("ErrorCode", chance.pick(["30003", "", "x", "99999999999999999999"])),
        ("To", chance.pick(["+14157000001", "x", ""])),
      ])
      let report = try #require(
        StatusReport(
          form: FormBody(raw.utf8), jobID: chance.pick([0, -1, .max, .min]), attempt: 7, at: Moment(milliseconds: 9),
          raw: raw))
      #expect(IntakeEvent(stored: try IntakeEvent.status(report).stored()) == .status(report))
    }
    for _ in 0..<2_000 {
      _ = IntakeEvent(stored: chance.bytes(60, from: Array("SH0123 &=%{}\":".utf8)))
    }
  }

  @Test func filesOfRows() throws {
    var chance = Chance()
    let path = folder.path + "/noise.csv"
    let alphabet = Array("\",;\t|\r\n\r\n ab1\u{FEFF}é".utf8) + [0, 0xFF, 0xFE]
    for _ in 0..<300 {
      var bytes = chance.bytes(400, from: alphabet)
      switch chance.below(4) {
      case 0: bytes = [0xFF, 0xFE] + bytes
      case 1: bytes = [0xFE, 0xFF] + bytes
      case 2: bytes = [0xEF, 0xBB, 0xBF] + bytes
      default: break
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      guard let format = try? CSVFormat.normalise(path), let reader = try? CSVReader(path: path, format: format) else {
        continue
      }
      var rows = 0
      while let row = try reader.next() {
        rows += 1
        for field in 0..<row.fieldCount where row.problem == nil { _ = reader.text(field) }
      }
      #expect(rows <= 2 * bytes.count + 1)
      _ = CSVText.fields(String(decoding: bytes, as: UTF8.self), delimiter: format.delimiter)
    }
  }

  @Test func multipartBodies() throws {
    var chance = Chance()
    let path = folder.path + "/noise.multipart"
    let pieces = [
      "--b", "--b--", "\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=\"a\"", "; filename=\"f\"", "x", "--",
      "\n", "name=", "\"", "é",
    ]
    for _ in 0..<500 {
      try Data(chance.text(25, of: pieces).utf8).write(to: URL(fileURLWithPath: path))
      _ = try? Multipart.unpack(path, boundary: "b")
      _ = Multipart.boundary(
        chance.text(8, of: ["multipart/form-data", ";", " ", "boundary", "=", "\"", "b", "B", "é"]))
    }
  }

  @Test func templatesAndTheirFields() {
    var chance = Chance()
    let pieces = [
      "{{", "}}", "{", "}", "|", "first_name", " ", "https://", "http://", "a.test/", "?", "#", "%", "%4", "\"", "<",
      ".", "\u{0}", "é", "e\u{301}", "😀", "unsubscribe_link", "\u{20E3}",
    ]
    for _ in 0..<3_000 {
      let text = chance.text(25, of: pieces)
      guard let template = try? MessageTemplate(text) else { continue }
      _ = template.render(field: { _ in chance.text(3, of: pieces) }, link: { _ in nil })
      _ = try? LinkTarget(text)
    }
  }

  @Test func audienceRules() throws {
    var chance = Chance()
    let words = [
      "all", "any", "not", "tag", "import", "field", "is", "more_than", "before", "blank", "consent", "texted",
      "not_texted_days", "id", "do_not_contact", "x",
    ]
    func value() -> JSON {
      switch chance.below(4) {
      case 0:
        .text(chance.text(3, of: ["vip", "", "\u{0}", "2026-11-23", "nan", "inf", "1e999", "marketing", "city"]))
      case 1: .int(chance.pick([0, 1, -1, Int64.max, Int64.min, 3650]))
      case 2: chance.pick([.bool(true), .null, .double(1e300), .double(-0.5)])
      default: .list([])
      }
    }
    func rule(_ depth: Int) -> JSON {
      switch chance.below(depth > 7 ? 4 : 8) {
      case 0: value()
      case 1: chance.pick([["tag": "vip"], ["all": true], ["import": 3], ["texted": 1], ["not_texted_days": 30]])
      case 2: .object([("field", .text(chance.pick(["city", "first_name", "x"]))), (chance.pick(words), value())])
      case 3: .object([(chance.pick(words), value())])
      case 4: ["not": rule(depth + 1)]
      default:
        .object([(chance.pick(["all", "any"]), .list((0..<chance.below(4) + 1).map { _ in rule(depth + 1) }))])
      }
    }
    let file = try folder.tenantFile()
    var read = 0
    for _ in 0..<3_000 {
      guard let audience = try? AudienceRule(rule(0), at: "audience") else { continue }
      read += 1
      #expect(try AudienceRule(audience.json, at: "again") == audience)
      try file.readNow { db in
        guard let compiled = try? audience.compiled(db, now: Moment(milliseconds: 0)) else { return }
        _ = try Int.fetchOne(
          db, sql: "SELECT count(*) FROM contacts c WHERE \(compiled.sql)", arguments: compiled.arguments)
      }
    }
    #expect(read > 50)
  }

  @Test(
    arguments: [
      ("-0.00830", 8300), ("0", 0), ("0.0000001", 0), ("1000000000", 1_000_000_000_000_000), ("-1e30", nil),
      ("1e999", nil), ("-1e30000", nil),
      ("nan", nil), ("inf", nil), ("", nil), ("x", nil), ("99999999999999999999", nil),
      (String(repeating: "9", count: 100_000), nil),
    ] as [(String, Int64?)])
  func aPriceIsAnAmountThatATextCanCost(_ text: String, _ micros: Int64?) {
    #expect(TwilioMessageList.micros(text) == micros)
  }

  @Test func whatTheProviderAnswers() {
    var chance = Chance()
    let texts = [
      "", "SM1", "-0.0083", "-1e30", "1e400", "nan", "delivered", "+14157000001", "Thu, 24 Aug 2023 05:01:45 +0000",
      "Thu, 24 Aug 99999999999999 05:01:45 +0000", "/2010-04-01/x", "99999999999999999999", "-5", "3", "\u{0}",
    ]
    func value() -> JSON {
      switch chance.below(6) {
      case 0: .int(chance.pick([0, -1, .max, .min, 21610]))
      case 1: .double(chance.pick([1e308, -1e30, 0.5]))
      case 2: .null
      case 3: .list([])
      default: .text(chance.pick(texts))
      }
    }
    let names = [
      "sid", "to", "from", "messaging_service_sid", "body", "status", "error_code", "date_created", "price",
      "num_segments", "code",
    ]
    for _ in 0..<3_000 {
      let entry = JSON.object(names.map { ($0, value()) })
      let list: JSON = ["messages": .list([entry, value()]), "next_page_uri": value()]
      for status in [200, 201, 400, 429, 500] {
        if case .accepted(_, let segments?) = TwilioMessage.read(
          .answered(status: status, body: Array(entry.serialized.utf8)))
        {
          #expect((0...1_000).contains(segments))
        }
        for price in TwilioMessageList.read(.answered(status: status, body: Array(list.serialized.utf8)))?.entries
          .compactMap(\.priceMicros) ?? []
        {
          #expect((0...1_000_000_000_000_000).contains(price))
        }
      }
    }
  }

  @Test func times() {
    var chance = Chance()
    let pieces = ["2026", "-", "11", "23", "T", ":", "00", "Z", "+", "99", ".", "9999999999", "e", " ", "é"]
    for _ in 0..<2_000 {
      let text = chance.text(14, of: pieces)
      if let moment = Moment(iso8601: text) { #expect(Moment(iso8601: moment.iso8601) != nil) }
      _ = TwilioMessageList.moment(text)
      _ = ContactField.Kind.isDate(text)
    }
  }

  @Test func namesAreCountedAsTheSchemaCountsThem() throws {
    var chance = Chance()
    let file = try folder.tenantFile("names")
    for _ in 0..<500 {
      let text = chance.text(
        120, of: ["a", "e\u{301}", "é", "\u{0}", "\n", " ", "😀", "\u{200B}", "\u{2028}", "_", "1"])
      if let name = Name.read(text, most: 100) { try file.writeNow { db in _ = try Tag.id(db, name) } }
      let field = ContactField.name(text)
      #expect(ContactField.name(field).unicodeScalars.elementsEqual(field.unicodeScalars))
      if !field.isEmpty {
        try file.writeNow { db in
          try ContactField.define(db, [ContactField(name: field, kind: .text)], at: Moment(milliseconds: 0));
          try db.execute(sql: "DELETE FROM contact_fields")
        }
      }
    }
  }
}
