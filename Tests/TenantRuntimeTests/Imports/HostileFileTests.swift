import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Files nobody prepared, and for each exactly what must come of it: through the same worker as an upload.
@Suite struct HostileFileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var created: Int64
    var rejected: [String: Int64] = [:]
    /// Custom SQL over the file afterwards, and what it must give.
    var check: (sql: String, gives: String)?
    var testDescription: String { name }

    init(
      _ name: String, _ text: String, created: Int64, rejected: [String: Int64] = [:],
      check: (sql: String, gives: String)? = nil
    ) {
      self.init(name, bytes: Array(text.utf8), created: created, rejected: rejected, check: check)
    }

    init(
      _ name: String, bytes: [UInt8], created: Int64, rejected: [String: Int64] = [:],
      check: (sql: String, gives: String)? = nil
    ) {
      self.name = name
      self.bytes = bytes
      self.created = created
      self.rejected = rejected
      self.check = check
    }
  }

  static let firstNames = "SELECT group_concat(first_name, '|') FROM (SELECT first_name FROM contacts ORDER BY id)"

  static let cases: [Case] = [
    Case("plain", "Phone,First Name\n+14158675309,Ada\n", created: 1, check: (firstNames, "Ada")),
    Case("no newline at the end", "Phone,First Name\n+14158675309,Ada", created: 1, check: (firstNames, "Ada")),
    Case("CRLF", "Phone,First Name\r\n+14158675309,Ada\r\n", created: 1, check: (firstNames, "Ada")),
    Case(
      "CR alone", "Phone,First Name\r+14158675309,Ada\r+14158675310,Bob\r", created: 2, check: (firstNames, "Ada|Bob")),
    Case("byte order mark", "\u{FEFF}Phone,First Name\n+14158675309,Ada\n", created: 1, check: (firstNames, "Ada")),
    Case("semicolons", "Phone;First Name\n+14158675309;Ada, née B\n", created: 1, check: (firstNames, "Ada, née B")),
    Case("tabs", "Phone\tFirst Name\n+14158675309\tAda\n", created: 1, check: (firstNames, "Ada")),
    Case("pipes", "Phone|First Name\n+14158675309|Ada\n", created: 1, check: (firstNames, "Ada")),
    Case(
      "quotes and doubled quotes", "Phone,First Name\n\"+14158675309\",\"Ada \"\"A\"\" L\"\n", created: 1,
      check: (firstNames, "Ada \"A\" L")),
    Case(
      "a newline and a comma in a field", "Phone,First Name\n+14158675309,\"Ada,\nL\"\n", created: 1,
      check: (firstNames, "Ada, L")),
    Case(
      "a quote inside a plain field", "Phone,First Name\n+14158675309,5\" pipe\n+14158675310,Bob\n", created: 2,
      check: (firstNames, "5\" pipe|Bob")),
    Case(
      "a quote never closed", "Phone,First Name\n+14158675309,\"Ada\n+14158675310,Bob\n", created: 1,
      rejected: ["unclosed_quote": 1], check: (firstNames, "Bob")),
    Case("blank lines", "Phone,First Name\n\n\n+14158675309,Ada\n\n", created: 1),
    Case(
      "ragged and padded rows", "Phone,First Name\n+14158675309\n+14158675310,Bob,,,\n+14158675311,Eve,extra\n",
      created: 2, rejected: ["too_many_columns": 1]),
    Case("outer white space", "Phone,First Name\n  +14158675309 ,  Ada  \n", created: 1, check: (firstNames, "Ada")),
    Case("NUL", "Phone,First Name\n+14158675309,A\u{0}da\n+14158675310,Bob\n", created: 1, rejected: ["nul_byte": 1]),
    Case(
      "bytes that are no UTF-8 beside UTF-8",
      bytes: Array("Phone,First Name\n+14158675310,Zoë\n".utf8)
        + Array(repeating: Array("+14158675310,Zoë\n".utf8), count: 70_000).flatMap { $0 } + Array("+14158675309,".utf8)
        + [0xFF, 0xFE, 0x0A],
      created: 1, rejected: ["unreadable": 1, "duplicate": 70_000]),
    Case(
      "Windows-1252", bytes: Array("Phone,First Name\n+14158675309,".utf8) + [0x5A, 0x6F, 0xEB, 0x20, 0x80, 0x0A],
      created: 1, check: (firstNames, "Zoë €")),
    Case(
      "UTF-16 with mark", bytes: utf16("\u{FEFF}Phone,First Name\n+14158675309,Zoë 😀\n", little: true), created: 1,
      check: (firstNames, "Zoë 😀")),
    Case(
      "UTF-16 big-endian", bytes: utf16("\u{FEFF}Phone,First Name\n+14158675309,Zoë\n", little: false), created: 1,
      check: (firstNames, "Zoë")),
    Case(
      "UTF-16 without mark", bytes: utf16("Phone,First Name\n+14158675309,Ada\n", little: true), created: 1,
      check: (firstNames, "Ada")),
    Case(
      "a spreadsheet's exponent", "Phone\n4.15867E+09\n\"4,15867E+09\"\n", created: 0,
      rejected: ["scientific_notation": 2]),
    Case(
      "nonsense for numbers", "Phone\ncall me\n12345\n\n+1 415 867 53\n,\n", created: 0,
      rejected: ["not_a_number": 1, "too_short": 2]),
    Case("a landline", "Phone\n+49 30 901820\n", created: 0, rejected: ["landline": 1]),
    Case(
      "one number in four spellings", "Phone\n(415) 867-5309\n415.867.5309\n+1 415 867 5309\n14158675309\n", created: 1,
      rejected: ["duplicate": 3]),
    Case(
      "a guarded formula", "Phone,Note\n'+14158675309,'=1+1\n", created: 1,
      check: ("SELECT fields FROM contacts", "{\"note\":\"=1+1\"}")),
    Case(
      "a name too long costs the name", "Phone,First Name\n+14158675309,\(String(repeating: "a", count: 801))\n",
      created: 1,
      check: ("SELECT difference ->> '$.warnings.first_name' FROM import_batches", "1")),
    Case(
      "a row too long", "Phone,First Name\n+14158675309,\(String(repeating: "a", count: 70_000))\n+14158675310,Bob\n",
      created: 1, rejected: ["row_too_long": 1]),
    Case(
      "a line longer than the buffer",
      "Phone,First Name\n+14158675309,\(String(repeating: "a", count: 3_000_000))\n+14158675310,Bob\n", created: 1,
      rejected: ["row_too_long": 1]),
    Case(
      "types that all values have",
      "Phone,Age,Born,Member,ZIP\n+14158675309,41,1985-02-03,true,02134\n+14158675310,7.5,2019-12-31,false,90210\n",
      created: 2,
      check: (
        "SELECT group_concat(name || ' ' || type, ',') FROM contact_fields",
        "age number,born date,member boolean,zip text"
      )),
    Case(
      "headers twice and empty", "Phone,City,City,,Phone\n+14158675309,Rome,Oslo,x,1\n", created: 1,
      check: (
        "SELECT fields FROM contacts", "{\"city\":\"Rome\",\"city_2\":\"Oslo\",\"column_4\":\"x\",\"phone_2\":\"1\"}"
      )),
    Case(
      "a bad e-mail and zone are left out", "Phone,Email,Time Zone\n+14158675309,nope,Mars/Phobos\n", created: 1,
      check: (
        "SELECT difference ->> '$.warnings.email' || ifnull(email, '-') || ifnull(time_zone, '-') FROM contacts, import_batches",
        "1--"
      )),
    Case(
      "an opt-out column with a word for maybe", "Phone,Do Not Contact\n+14158675309,perhaps\n+14158675310,no\n",
      created: 2),
    Case(
      "tags", "Phone,Tags\n+14158675309,vip; spring |VIP\n", created: 1,
      check: ("SELECT group_concat(name, ',') FROM (SELECT name FROM tags ORDER BY name)", "spring,vip")),
  ]

  static func utf16(_ text: String, little: Bool) -> [UInt8] {
    text.utf16.flatMap { little ? [UInt8($0 & 0xFF), UInt8($0 >> 8)] : [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
  }

  @Test(arguments: cases) func aHostileFileGivesExactlyThis(_ wanted: Case) async throws {
    let (file, first) = try await ImportDriver().run(wanted.bytes)
    #expect(first.state == .completed)
    #expect(first.counts.created == wanted.created)
    #expect(first.difference.rejected == wanted.rejected)
    #expect(first.counts.rows == wanted.created + wanted.rejected.values.reduce(0, +))
    if let check = wanted.check {
      #expect(try file.readNow { db in try String.fetchOne(db, sql: check.sql) } == check.gives)
    }
  }

  @Test(arguments: cases) func aDryRunSaysWhatTheCommitDoesAndWritesNobody(_ wanted: Case) async throws {
    let driver = try ImportDriver()
    let (file, dry) = try await driver.run(wanted.bytes, mode: .dryRun)
    #expect(try file.readNow { db in try Int64.fetchOne(db, sql: "SELECT count(*) FROM contacts") } == 0)
    let (_, real) = try await driver.run(wanted.bytes)
    #expect(dry.counts == real.counts)
    #expect(dry.difference.rejected == real.difference.rejected)
    let (_, again) = try await driver.run(wanted.bytes)
    #expect(again.counts.created == 0 && again.counts.updated == 0)
    #expect(again.counts.unchanged == wanted.created)
  }
}

/// Imports bytes through the tenant's own worker.
struct ImportDriver {
  struct Counts: Equatable { var rows, created, updated, unchanged, rejected: Int64 }
  struct Result {
    var id: Int64
    var state: ImportBatch.State
    var counts: Counts
    var difference: ImportDifference
  }

  let folder: TestFolder
  let file: SQLiteFile
  let runtime: Runtime
  let now = Moment(milliseconds: 1_800_000_000_000)

  init() throws {
    folder = try TestFolder()
    file = try folder.tenantFile()
    runtime = try TestRuntime.open(file, folder)
  }

  func run(
    _ bytes: [UInt8], mode: ImportBatch.Mode = .commit, _ parameters: [String: String] = [:], at: Moment? = nil
  ) async throws -> (SQLiteFile, Result) {
    let id = try await begin(bytes, mode: mode, parameters, at: at ?? now)
    return (file, try await finish(id))
  }

  func begin(
    _ bytes: [UInt8], mode: ImportBatch.Mode = .commit, _ parameters: [String: String] = [:], at: Moment
  ) async throws -> Int64 {
    let name = "\(UInt64.random(in: .min ... .max)).csv"
    let path = "\(folder.path)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let options = try await ImportUpload.look(path, try ImportOptions(parameters, at: at), on: runtime)
    return try await file.write { db in
      try ImportBatch.begin(db, mode: mode, file: name, bytes: bytes.count, options: options, actor: "test", at: at).id
    }
  }

  func finish(_ id: Int64) async throws -> Result {
    while try await runtime.takeTurn(.imports) == .now {}
    return try file.readNow { db in
      let row = try Row.fetchOne(db, sql: "SELECT * FROM import_batches WHERE id = ?", arguments: [id])!
      let batch = try ImportBatch(row)
      return Result(
        id: id, state: batch.state,
        counts: Counts(
          rows: row["rows"], created: row["created"], updated: row["updated"], unchanged: row["unchanged"],
          rejected: row["rejected"]), difference: batch.difference)
    }
  }
}
