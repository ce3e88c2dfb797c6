import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// What the columns of a file are taken for, by what they are called and what they hold.
@Suite struct FieldColumnTests {
  private let driver = try! ImportDriver()

  private static func choose(_ header: String, _ values: [String]) throws -> (
    TenantRuntime.ColumnMapping.Column, notices: [String]
  ) {
    let choice = try ColumnChoice(
      headers: ["Phone", header],
      rows: values.enumerated().map { ["+1415268110\($0.offset)", $0.element] }, map: nil, region: "US")
    return (choice.mapping.columns[1], choice.notices.map(\.code))
  }

  @Test(arguments: [
    ("Keine SMS", "ja,nein"), ("No SMS", "x,"), ("NOSMS", "1,0"), ("Keine Werbung", "ja,nein"),
    ("Werbesperre", "ja,nein"),
    ("Kontaktsperre", "x,"), ("DND", "TRUE,FALSE"), ("Pas de SMS", "oui,non"), ("Sin publicidad", "sí,no"),
    ("HASOPTEDOUTOFSMS", "true,false"), ("Do Not Disturb", "yes,no"), ("No Marketing", "yes,no"),
    ("Nicht kontaktieren", "ja,nein"),
  ])
  func aColumnThatForbidsTextsOptsOut(_ header: String, _ values: String) throws {
    let (column, _) = try Self.choose(header, values.components(separatedBy: ","))
    #expect(column == .optOut, "\(header)")
  }

  @Test(arguments: [
    ("can text", "true,false"), ("Text OK?", "Y,N"), ("Werbung erlaubt", "ja,nein"), ("SMS erlaubt", "ja,nein"),
    ("May contact", "yes,no"), ("Allowed to text", "yes,no"), ("Wants texts", "yes,no"),
  ])
  func aColumnThatAllowsTextsIsConsent(_ header: String, _ values: String) throws {
    let (column, _) = try Self.choose(header, values.components(separatedBy: ","))
    #expect(column == .consent, "\(header)")
  }

  @Test(arguments: [
    ("Marketing", "yes,no"), ("Abonnement", "ja,nein"), ("GDPR", "yes,no"), ("Contact", "yes,no"),
    ("Privacy", "true,false"),
  ])
  func aColumnOfYesAndNoAboutWritingToPeopleIsSaid(_ header: String, _ values: String) throws {
    let (_, notices) = try Self.choose(header, values.components(separatedBy: ","))
    #expect(notices == ["consent_column_unused"], "\(header)")
  }

  @Test(arguments: [
    ("Member", "yes,no"), ("Contact", "Ann,Bob"), ("Notes", "no sms please,"), ("Sinclair", "x,y"),
    ("No of contacts", "3,4"),
    ("Vegan", "ja,nein"), ("Marketing budget", "100,200"),
  ])
  func anyOtherColumnSaysNothingOfConsent(_ header: String, _ values: String) throws {
    let (column, notices) = try Self.choose(header, values.components(separatedBy: ","))
    #expect(column != .optOut && column != .consent && notices == [], "\(header): \(column) \(notices)")
  }

  @Test func aNumberIsNotANo() throws {
    for header in ["Contact No.", "Contact No", "Mobile No", "Text No."] {
      let choice = try ColumnChoice(
        headers: ["Name", header], rows: [["Ann", "(415) 268-1100"], ["Bob", "(415) 268-1101"]], map: nil, region: "US")
      #expect(choice.mapping.columns[1] == .phone, "\(header)")
    }
  }

  @Test func aColumnAboutAddressesIsNoAddress() throws {
    let choice = try ColumnChoice(
      headers: ["PHONE", "HASOPTEDOUTOFEMAIL", "EMAIL"], rows: [["+14152681100", "false", ""]], map: nil, region: "US")
    #expect(choice.mapping.columns[2] == .email)
  }

  private func people() throws -> [String] {
    try driver.file.readNow { db in try String.fetchAll(db, sql: "SELECT '+' || phone FROM contacts ORDER BY id") }
  }

  @Test(arguments: [
    "(415) 555-2681\n(415) 555-2682\n(415) 555-2683\n",
    "Ann,(415) 555-2681\nBob,(415) 555-2682\nCat,(415) 555-2683\n",
    "Ann;+14155552681;ann@x.test\r\nBob;+14155552682;bob@x.test\r\nCat;+14155552683;cat@x.test\r\n",
  ])
  func aFileWithoutNamesOfColumnsLosesNobody(_ text: String) async throws {
    let (id, result) = try await driver.run(Array(text.utf8), [:])
    #expect(result.counts.created == 3)
    #expect(try people() == ["+14155552681", "+14155552682", "+14155552683"])
    let notices = try driver.file.readNow { db in
      try ImportBatch.find(db, id: result.id).members.first { $0.0 == "notices" }?.1.list?.compactMap {
        $0["code"]?.text
      }
    }
    #expect(notices?.contains("no_header") == true, "\(id)")
  }

  @Test func aNumberThatIsWrittenInAnotherWayIsNoChange() async throws {
    for (n, expected) in [(0, Int64(2)), (1, 0)] {
      let (_, result) = try await driver.run(Array("Mobile,Points\n+14155552681,\"1,204\"\n+14155552682,7\n".utf8), [:])
      #expect(result.counts.created == expected && result.counts.updated == 0, "\(n)")
      // Another file makes text of the column.
      _ = try await driver.run(Array("Mobile,Points\n+14155552683,n/a\n".utf8), [:])
    }
  }
}
