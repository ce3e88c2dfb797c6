import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// What an import does to people who are there already, and how it is taken back.
@Suite struct ImportTests {
  let driver = try! ImportDriver()
  private func csv(_ text: String) -> [UInt8] { Array(text.utf8) }
  private func value(_ sql: String) throws -> String? {
    try driver.file.readNow { db in try String.fetchOne(db, sql: sql) }
  }

  @Test(arguments: [
    ("overwrite", [:], "New new@x.test Oslo"), ("keep", [:], "Old old@x.test Rome"),
    ("fill", [:], "Old old@x.test Rome"),
    ("overwrite", ["conflicts": "email:keep"], "New old@x.test Oslo"),
    ("keep", ["conflicts": "field.city:overwrite,first_name:fill"], "Old old@x.test Oslo"),
  ])
  func aConflictIsSettledByTheRuleOfItsColumn(_ rule: String, _ extra: [String: String], _ after: String) async throws {
    _ = try await driver.run(csv("Phone,First Name,Email,City\n+14158675309,Old,old@x.test,Rome\n"))
    let (_, second) = try await driver.run(
      csv("Phone,First Name,Email,City\n+14158675309,New,new@x.test,Oslo\n"),
      extra.merging(["on_conflict": rule]) { _, last in last })
    #expect(try value("SELECT first_name || ' ' || email || ' ' || (fields ->> 'city') FROM contacts") == after)
    #expect(second.counts.updated + second.counts.unchanged == 1)
  }

  @Test func blanksFillAndNeverClear() async throws {
    _ = try await driver.run(csv("Phone,First Name,City\n+14158675309,,Rome\n"))
    let (_, second) = try await driver.run(csv("Phone,First Name,City\n+14158675309,Ada,\n"), ["on_conflict": "fill"])
    #expect(try value("SELECT first_name || (fields ->> 'city') FROM contacts") == "AdaRome")
    #expect(second.difference.changed == ["first_name": 1])
  }

  @Test func theDifferenceNamesColumnsAndShowsRows() async throws {
    _ = try await driver.run(csv("Phone,First Name\n+14158675309,Ada\n+14158675310,Bob\n"))
    let (_, dry) = try await driver.run(
      csv("Phone,First Name,Tags\n+14158675309,Eve,vip\n+14158675310,Bob,\n"), mode: .dryRun)
    #expect(dry.difference.changed == ["first_name": 1, "tags": 1])
    let sample = try #require(dry.difference.sample.first)
    #expect(sample["row"] == 2 && sample["phone"] == "+14158675309")
    let change = try #require(sample["changes"]?["first_name"])
    #expect(change["before"] == "Ada" && change["after"] == "Eve")
  }

  @Test func anUndoRemovesWhatItMadeRestoresWhatItChangedAndKeepsWhatWasEditedSince() async throws {
    let early = Moment(milliseconds: 1_000)
    let first = csv("Phone,First Name,City\n+14158675309,Ada,Rome\n+14158675310,Bob,Rome\n")
    _ = try await driver.run(first, at: early)
    let (_, second) = try await driver.run(
      csv(
        "Phone,First Name,City,Tags\n+14158675309,Eve,Oslo,vip\n+14158675310,Bert,,\n+14158675311,New,,\n+14158675312,Edited,,\n"
      ),
      at: Moment(milliseconds: 2_000))
    try await driver.file.write { db in
      for phone in [14_158_675_310, 14_158_675_312] {
        let id = try Int64.fetchOne(db, sql: "SELECT id FROM contacts WHERE phone = ?", arguments: [phone])!
        var edit = Contact.Edit()
        edit.columns = [(.lastName, "Edited")]
        var effects = Effects()
        #expect(try edit.apply(db, to: id, at: Moment(milliseconds: 3_000), &effects))
      }
      try ImportBatch.find(db, id: second.id).askUndo(db, at: Moment(milliseconds: 4_000))
    }
    let after = try await driver.finish(second.id)
    #expect(after.state == .undone)
    #expect(
      try value(
        "SELECT undo_deleted || ' ' || undo_restored || ' ' || undo_kept FROM import_batches WHERE id = \(second.id)")
        == "1 1 2")
    #expect(
      try value("SELECT group_concat(first_name || (fields ->> 'city'), ',') FROM contacts WHERE phone = 14158675309")
        == "AdaRome")
    #expect(try value("SELECT count(*) FROM contact_tags") == "0")
    #expect(try value("SELECT group_concat(first_name, ',') FROM contacts") == "Ada,Bert,Edited")
  }

  @Test func anImportIsUndoneOnlyBeforeThoseThatBuiltOnIt() async throws {
    let (_, first) = try await driver.run(csv("Phone,First Name\n+14158675309,Ada\n"), at: Moment(milliseconds: 1))
    let (_, second) = try await driver.run(csv("Phone,First Name\n+14158675309,Eve\n"), at: Moment(milliseconds: 2))
    await #expect(throws: Refusal.self) {
      try await driver.file.write { db in try ImportBatch.find(db, id: first.id).askUndo(db, at: driver.now) }
    }
    for (id, names) in [(second.id, "Ada"), (first.id, nil)] {
      try await driver.file.write { db in try ImportBatch.find(db, id: id).askUndo(db, at: driver.now) }
      #expect(try await driver.finish(id).state == .undone)
      #expect(try value("SELECT group_concat(first_name) FROM contacts") == names)
    }
  }

  @Test(arguments: [
    ["modee": "dry-run"], ["on_conflict": "merge"], ["conflicts": "tags:keep"], ["conflicts": "field.city:fill"],
    ["country": "XX"], ["map": "phone:Phone,first_name:Phone"], ["map": "first_name:A,first_name:B"],
    ["map": "phone:Nowhere"], ["consent_wording": "I agree"], ["consent_source": "s", "consent_date": "2999-01-01"],
  ])
  func aParameterThatMeansNothingIsRefused(_ parameters: [String: String]) async throws {
    await #expect(throws: Refusal.self) {
      _ = try await driver.begin(csv("Phone,A,B\n+14158675309,1,2\n"), parameters, at: driver.now)
    }
  }

  @Test func aCancelledImportFailsAndSaysByWhom() async throws {
    let id = try await driver.begin(csv("Phone\n+14158675309\n"), at: driver.now)
    try await driver.file.write { db in try ImportBatch.find(db, id: id).cancel(db, actor: "key:rh_1") }
    let after = try await driver.finish(id)
    #expect(after.state == .failed)
    #expect(try value("SELECT failure FROM import_batches") == "cancelled by key:rh_1")
    #expect(try value("SELECT count(*) FROM contacts") == "0")
  }

  @Test func anAttestationIsNoOptIn() async throws {
    let phone = PhoneNumber(digits: 14_158_675_309)!
    try await driver.file.write { db in
      try Consent.apply(
        db,
        Revocation(phone: phone, action: .optOut, method: "keyword", evidence: "STOP", at: Moment(milliseconds: 5)))
    }
    let (_, result) = try await driver.run(
      csv("Phone\n+14158675309\n+14158675310\n"), ["consent_source": "shop", "consent_wording": "I agree"])
    #expect(result.counts.created == 2)
    #expect(try value("SELECT opted_out FROM import_batches") == "1")
    #expect(try value("SELECT count(*) FROM do_not_contact") == "1")
    let later = Moment(milliseconds: driver.now.milliseconds + 1)
    let standings = try await driver.file.read { db in
      [
        try ConsentStanding.read(db, phone, purpose: .marketing, on: later).verdict,
        try ConsentStanding.read(db, PhoneNumber(digits: 14_158_675_310)!, purpose: .marketing, on: later).verdict,
      ]
    }
    #expect(standings == [.revoked, .granted])
  }

  /// The phone stands behind the note: cut, the row could not be mended.
  @Test func aRejectedRowIsKeptWhole() async throws {
    let note = String(repeating: "nö\u{2028}te ", count: 5_000)
    let row = "\"\(note)\",12,Ada"
    let (_, result) = try await driver.run(csv("Notes,Phone,First Name\n\(row)\n\(note),+14158675309,Eve\n"))
    #expect(result.counts.created == 1 && result.counts.rejected == 1)
    #expect(try value("SELECT original FROM import_rejects") == row)
  }

  /// A letter with any number of accents is one character; what a row keeps is bounded in bytes.
  @Test func aLetterWithThousandsOfAccentsIsEvidenceLikeAnother() async throws {
    let accents = String(repeating: "\u{301}", count: 32_750)
    let (_, result) = try await driver.run(
      csv("phone,unsubscribed from all of our texts\n+14158675309,stop a\(accents)\n+14158675310,yes\n"))
    #expect(result.counts.created == 2 && result.state == .completed)
  }

  /// Whoever writes a row: it has all its slots, and what does not fit is left out.
  @Test func aValueLongerThanASlotIsLeftOut() {
    let run = RowRun()
    run.begin(phone: 1, rowNumber: 1, offset: 0, length: 0)
    let long = [UInt8](repeating: 0x61, count: EncodedRow.longestSlot + 1)
    for slot in EncodedRow.Slot.allCases.indices {
      let fits = long.prefix(slot == 1 ? long.count : 3).withUnsafeBufferPointer { run.put($0) }
      #expect(fits == (slot != 1))
    }
    run.finish()
    #expect(run.count == 1)
    #expect(
      EncodedRow.Slot.allCases.map { run[0].bytes($0).count }
        == EncodedRow.Slot.allCases.indices.map { $0 == 1 ? 0 : 3 })
  }

  @Test func anAudienceOfAnotherRuleIsRefusedByName() async throws {
    let rule = AudienceRule.tag("other")
    try await driver.file.write { db in
      _ = try Audience.create(db, name: "Spring", rule: rule, actor: "t", at: Moment(milliseconds: 1))
      _ = try Audience.create(db, name: "Summer", rule: .tag("SUMMER"), actor: "t", at: Moment(milliseconds: 1))
    }
    for mode in [ImportBatch.Mode.dryRun, .commit] {
      do {
        _ = try await driver.run(csv("Phone\n+14158675309\n"), mode: mode, ["audience": "spring"])
        Issue.record("it was taken")
      } catch let refusal as Refusal {
        #expect("\(refusal)".contains("audience Spring"))
      }
    }
    let (_, taken) = try await driver.run(csv("Phone\n+14158675309\n"), ["audience": "summer"])
    #expect(taken.state == .completed)
    #expect(try await driver.file.read { db in try AudienceCount.take(db, .saved(2), now: Moment.now()).count } == 1)
  }

  @Test func anAudienceThatTakesAnotherRuleMeanwhileFailsTheImport() async throws {
    let id = try await driver.begin(csv("Phone\n+14158675309\n"), ["audience": "spring"], at: driver.now)
    try await driver.file.write { db in
      _ = try Audience.create(db, name: "Spring", rule: .everyone, actor: "t", at: Moment(milliseconds: 1))
    }
    #expect(try await driver.finish(id).state == .failed)
    #expect(try value("SELECT failure FROM import_batches")?.contains("audience Spring") ?? false)
  }

  @Test(arguments: [ImportBatch.Mode.dryRun, .commit])
  func ofANumberThatStandsInVeryManyRowsTheFirstAreListedAndAllAreCounted(_ mode: ImportBatch.Mode) async throws {
    let shop = String(repeating: "+14158675309,Walk-in\n", count: 3_000)
    let people = (0..<600).map { "+1415867\(6_000 + $0),P\n" }.joined()
    let (_, result) = try await driver.run(csv("Phone,First Name\n" + people + shop + people), mode: mode)
    #expect(result.state == .completed && result.counts.created == 601)
    #expect(result.counts.rejected == 2_999 + 600 && result.difference.rejected == ["duplicate": 3_599])
    #expect(try value("SELECT count(*) FROM import_rejects") == "1600")
    #expect(result.difference.notices.compactMap { $0["code"]?.text } == ["repeated_numbers"])
  }

  @Test func whatASliceCarriesIsBoundedHoweverOftenANumberStandsThere() throws {
    let rows = SortedRows(folder: driver.folder.path)
    let empty = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    for number in 0..<250_000 {
      let run = try rows.room()
      run.begin(phone: 14_150_000_000 + Int64(number / 50_000), rowNumber: number, offset: UInt64(number), length: 1)
      for _ in EncodedRow.Slot.allCases { _ = run.put(empty) }
      run.finish()
    }
    try rows.close()
    var last = LastPhone()
    var (seen, kept, phones) = (0, 0, 0)
    while true {
      var slice = ImportSlice(reserving: 0)
      while try !rows.fill(&slice, atMost: 1_500, behind: 0, last: &last, room: 1_000_000) {}
      if slice.isEmpty { break }
      #expect(slice.duplicates.count < 1_500 + SortedRows.mostKept)
      (seen, kept, phones) = (
        seen + slice.starts.count + slice.duplicateCount, kept + slice.duplicates.count, phones + slice.starts.count
      )
    }
    #expect((seen, kept, phones) == (250_000, 5 * SortedRows.mostKept, 5))
  }

  @Test func manyRunsMergeIntoOneOrder() throws {
    let rows = SortedRows(folder: driver.folder.path)
    let empty = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    let padding = [UInt8](repeating: 97, count: 60_000)
    var wanted: [Int64] = []
    // 2,500 rows of 60 kB do not fit into one run of 32 MB.
    for number in 0..<2_500 {
      let phone = Int64(14_150_000_000 + number * 7_919 % 2_500)
      wanted.append(phone)
      let run = try rows.room()
      run.begin(phone: phone, rowNumber: number, offset: UInt64(number), length: 1)
      for slot in EncodedRow.Slot.allCases {
        _ = padding.withUnsafeBufferPointer { run.put(slot == .notes ? $0 : empty) }
      }
      run.finish()
    }
    try rows.close()
    var read: [Int64] = []
    var last = LastPhone()
    while true {
      var slice = ImportSlice(reserving: 0)
      #expect(try rows.fill(&slice, atMost: 20_000, behind: 0, last: &last, room: 0))
      if slice.isEmpty { break }
      #expect(slice.bytes.count < ImportSlice.mostBytes + 100_000, "long rows make short slices")
      slice.withRows { rows in
        for row in rows {
          read.append(row.phone)
          #expect(row.size(.notes) == padding.count)
        }
      }
    }
    #expect(read == wanted.sorted())
  }
}
