import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// The files of Tests/field and others of their kind, through the worker, and who comes of them.
@Suite struct FieldImportTests {
  let driver = try! ImportDriver()

  private func people(_ columns: String = "first_name") throws -> [String] {
    try driver.file.readNow { db in
      try String.fetchAll(db, sql: "SELECT '+' || phone || ' ' || ifnull(\(columns), '') FROM contacts ORDER BY id")
    }
  }

  private func run(_ name: String, _ parameters: [String: String] = [:]) async throws -> ImportDriver.Result {
    let bytes = try FieldFile.bytes(name)
    let (_, dry) = try await driver.run(bytes, mode: .dryRun, parameters)
    let (_, real) = try await driver.run(bytes, parameters)
    #expect(dry.counts == real.counts && dry.difference.rejected == real.difference.rejected)
    return real
  }

  private func run(text: String, _ parameters: [String: String] = [:]) async throws -> ImportDriver.Result {
    let (_, dry) = try await driver.run(Array(text.utf8), mode: .dryRun, parameters)
    let (_, real) = try await driver.run(Array(text.utf8), parameters)
    #expect(dry.counts == real.counts && dry.difference.rejected == real.difference.rejected)
    return real
  }

  private func notices(_ id: Int64) throws -> [String] {
    try driver.file.readNow { db in
      let members = try ImportBatch.find(db, id: id).members
      return members.first { $0.0 == "notices" }?.1.list?.compactMap { $0["code"]?.text } ?? []
    }
  }

  // MARK: The wrong person

  @Test func decimalsOfASpreadsheetAreCutBeforeTheNumberIsRead() async throws {
    _ = try await run("float-phones-de.csv", ["country": "DE"])
    #expect(try people() == ["+491701234567 Lea", "+491701234568 Max"])
  }

  @Test func aCountryColumnIsHeeded() async throws {
    _ = try await run("country-column.csv")
    #expect(Set(try people()) == ["+447812345678 Ann", "+14154711120 Bob", "+447733456789 Cai"])
  }

  @Test func aCountryThatIsNotUnderstoodGuessesNoNumber() async throws {
    let result = try await run(
      text: "Name,Country,Mobile\nA,GB,7812345678\nB,Atlantis,7812345679\nC,,(415) 268-1100\nD,DE,+14152681101\n")
    #expect(result.difference.rejected == ["unknown_country": 1])
    #expect(Set(try people()) == ["+447812345678 A", "+14152681100 C", "+14152681101 D"])
  }

  @Test func whoSaidNoToTextsInAShopIsNotTexted() async throws {
    let result = try await run("shopify-customers.csv")
    #expect(result.counts.created == 3)
    #expect(try people() == ["+12063421115 June", "+16173421113 Hana", "+17023421114 Igor"])
    let columns = try driver.file.readNow { db in try ImportBatch.find(db, id: result.id).options.mapping.columns }
    #expect(columns[4] == .custom("accepts_email_marketing") && columns.contains(.consent))
    #expect(try notices(result.id).contains("other_channel"))
    // Hana's yes is kept as evidence, Igor's and June's no is told to the one door.
    let evidence = try driver.file.readNow { db in
      try String.fetchAll(db, sql: "SELECT phone || ' ' || evidence FROM consents WHERE evidence IS NOT NULL")
    }
    #expect(evidence == ["16173421113 Accepts SMS Marketing: yes"])
  }

  @Test(arguments: [
    ("Opted Out", "2026-03-01 10:22", "o"), ("Opted Out", "", nil), ("Opted Out", "Yes", "o"),
    ("Opted Out", "3/1/2026", "o"),
    ("Opted Out", "no", nil), ("Opted Out", "perhaps", "r"), ("Opted Out", "Unsubscribed", "o"),
    ("Opted Out", "Subscribed", nil),
    ("Opted Out", "Replied STOP", "o"), ("Opted Out", "n/a", nil), ("SMS Consent", "no", "o"),
    ("SMS Consent", "yes", nil),
    ("SMS Opt-In", "TRUE", nil), ("SMS Opt-In", "FALSE", "o"), ("SMS Status", "Unsubscribed", "o"),
    ("SMS Status", "Subscribed", nil),
    ("SMS Status", "Never subscribed", "o"), ("Accepts SMS Marketing", "no", "o"), ("Do Not Text", "1", "o"),
    ("Do Not Text", "0", nil),
    ("HASOPTEDOUTOFSMS", "true", "o"), ("DONOTCALL", "false", nil), ("DONOTCALL", "true", "o"),
    ("SMS Opt In Date", "2026-01-01", nil),
    ("Unsubscribed", "x", "o"), ("SMS Marketing Consent", "not_subscribed", "o"),
    ("Text Message Opt In", "Pending", "o"),
  ])
  func aColumnOfConsentIsReadInItsSense(_ header: String, _ value: String, _ wanted: String?) throws {
    let choice = try ColumnChoice(
      headers: ["Phone", header],
      rows: [["+14152681100", value.isEmpty ? "yes" : value], ["+14152681101", "yes"], ["+14152681102", "no"]],
      map: nil, region: "US")
    let path = "\(driver.folder.path)/one.csv"
    try Data("Phone,\"\(header)\"\n+14152681100,\"\(value)\"\n".utf8).write(to: URL(fileURLWithPath: path))
    let reader = try CSVReader(path: path, format: CSVFormat())
    _ = try reader.next()
    let row = try #require(try reader.next())
    let said = ConsentReader(choice.mapping, headers: ["Phone", header]).optOut(reader, row.fieldCount)
    #expect(said.map { String($0.prefix(1)) } == wanted, "\(header): \(value)")
  }

  @Test func aDateInAnOptOutColumnOptsOut() async throws {
    let result = try await run("optout-dates.csv")
    #expect(result.counts.created == 4 && result.counts.rejected == 0)
    #expect(
      try driver.file.readNow { db in
        try Int64.fetchOne(db, sql: "SELECT opted_out FROM import_batches WHERE id = \(result.id)")
      } == 3)
  }

  @Test func consentColumnsThatAreLeftOutAreSaid() async throws {
    let result = try await run(
      text: "Phone,SMS Consent,Status\n+14152681100,web form,Unsubscribed\n+14152681101,shop,Subscribed\n")
    #expect(try notices(result.id) == ["consent_column_unused", "consent_column_unused"])
    let asked = try await run(
      text: "Phone,SMS Consent,Status\n+14152681100,web form,Unsubscribed\n+14152681101,shop,Subscribed\n",
      ["map": "consent:Status,ignore:SMS Consent"])
    #expect(try notices(asked.id) == [])
    #expect(
      try driver.file.readNow { db in
        try Int64.fetchOne(db, sql: "SELECT opted_out FROM import_batches WHERE id = \(asked.id)")
      } == 1)
    for (one, other, codes) in [("nein", "ja", ["other_channel"]), ("weekly", "daily", [])] {
      let some = try await run(text: "Phone,Newsletter\n+14152681100,\(one)\n+14152681101,\(other)\n")
      #expect(try notices(some.id) == codes)
    }
  }

  // MARK: The first upload

  @Test func theMobileIsTakenBeforeTheSharedOffice() async throws {
    let result = try await run("salesforce-contacts.csv")
    #expect(Set(try people()) == ["+16175831133 Uma", "+17025831134 Vic", "+12065831135 Wes"])
    let members = try driver.file.readNow { db in try ImportBatch.find(db, id: result.id).members }
    let columns = members.first { $0.0 == "columns" }?.1.list ?? []
    let phone = columns.first { $0["as"] == "phone" }
    #expect(phone?["column"] == "MOBILEPHONE" && phone?["samples"]?.list?.count == 3)
    #expect(phone?["runners_up"]?.list?.first?["column"] == "PHONE")
  }

  @Test func googlesMobileLabelsComeFirst() async throws {
    let result = try await run("google-contacts.csv")
    #expect(result.counts.rejected == 0)
    #expect(Set(try people()) == ["+14152681100 Ada", "+13032681102 Ben", "+16172681103 Cleo"])
    #expect(
      try driver.file.readNow { db in try String.fetchAll(db, sql: "SELECT name FROM tags ORDER BY name") } == [
        "Spring fair", "VIP",
      ])
  }

  @Test(arguments: [
    "Cell Phone Number", "Mobile No.", "Contact Number", "Telephone Number", "Phone (Mobile)", "Customer Phone",
    "Handy", "Celular",
    "Téléphone", "Work Phone", "Teléfono móvil", "Numéro de téléphone", "Telefonnummer", "Mobiltelefon", "Cellulare",
    "Telefone",
    "Número de celular", "Telefoon", "Numer telefonu", "Komórka", "Điện thoại", "手机", "電話番号", "Номер телефона",
    "Mobile Phone",
    "Phone 1 - Value", "mobilePhone", "phone_number", "Phone Number*", "To", "WhatsApp", "SMS", "GSM", "Primary Phone",
    "Home Phone",
    "Business Phone", "Billing Phone", "Default Address Phone", "Attendee Phone", "Phone #", "Rufnummer", "Tel.",
    "Blah",
  ])
  func aPhoneColumnIsFoundByNameOrByValues(_ header: String) throws {
    let rows = [["1001", "Ada", "(415) 268-1100", "2026-01-01"], ["1002", "Ben", "212-268-1101", "2026-01-02"]]
    let choice = try ColumnChoice(headers: ["Id", "First Name", header, "Created"], rows: rows, map: nil, region: "US")
    #expect(choice.mapping.phoneIndex == 2)
  }

  @Test func aSideColumnCostsItsValueAndNobody() async throws {
    _ = try await run("typed-1.csv")
    let result = try await run("typed-2.csv")
    #expect(result.counts.created == 5 && result.counts.rejected == 0)
    let fields = try driver.file.readNow { db in
      try String.fetchAll(db, sql: "SELECT fields FROM contacts WHERE import_id = \(result.id) ORDER BY first_name")
    }
    #expect(
      fields == [
        #"{"birthday":"1991-04-01","points":"3","zip":"94103"}"#,
        #"{"birthday":"1991-05-02","points":"4","zip":"94103-1234"}"#,
        #"{"birthday":"1992-05-02","points":"5","zip":"SW1A 1AA"}"#,
        #"{"birthday":"1993-05-02","points":"n/a","zip":"02139"}"#,
        #"{"birthday":"1994-05-02","points":"1204","zip":"10001"}"#,
      ])
    #expect(try notices(result.id).contains("ambiguous_dates") && notices(result.id).contains("field_widened"))
    #expect(
      try driver.file.readNow { db in try ContactField.all(db) } == ["birthday": .date, "points": .text, "zip": .text])
  }

  @Test func datesAreDecidedPerColumn() async throws {
    let result = try await run(
      text: "Phone,Born,Joined\n+14152681100,04/01/1991,13/02/2026\n+14152681101,12/25/1990,01/02/2026\n")
    let fields = try driver.file.readNow { db in
      try String.fetchAll(db, sql: "SELECT fields FROM contacts ORDER BY phone")
    }
    #expect(
      fields == [#"{"born":"1991-04-01","joined":"2026-02-13"}"#, #"{"born":"1990-12-25","joined":"2026-02-01"}"#])
    #expect(try notices(result.id) == [])
  }

  @Test func emptyColumnsDoNotCountAndThoseBeyondTheBoundAreSaid() async throws {
    let empty = (0..<300).map { "Empty \($0)" }.joined(separator: ",")
    let first = try await run(text: "Phone,City,\(empty)\n+14152681100,Rome,\(String(repeating: ",", count: 299))\n")
    #expect(first.counts.created == 1)
    #expect(try driver.file.readNow { db in try ContactField.all(db).count } == 1)
    let full = (0..<250).map { "Own \($0)" }.joined(separator: ",")
    let second = try await run(
      text: "Phone,\(full)\n+14152681101,\(Array(repeating: "x", count: 250).joined(separator: ","))\n")
    #expect(second.counts.created == 1 && second.state == .completed)
    #expect(try driver.file.readNow { db in try ContactField.all(db).count } == 200)
    #expect(try notices(second.id).contains("fields_left_out"))
  }

  @Test func theLineOfExcelBeforeTheHeaderIsRead() async throws {
    _ = try await run("excel-sep-line.csv")
    #expect(try people("first_name || ' ' || last_name") == ["+12126901141 Cy Jay", "+14156901140 Bo Ives"])
  }

  @Test func lettersOfOtherEncodingsAreFoundOut() async throws {
    let result = try await run("cyrillic-1251.csv")
    #expect(
      try people("first_name || ' ' || last_name") == [
        "+13033421112 Анна Иванова", "+16173421113 Юрий Щербаков", "+17023421114 Ёлка Жукова",
      ])
    #expect(try notices(result.id).contains { $0.hasSuffix("encoding") })
  }

  @Test func aWholeNameIsSplit() async throws {
    _ = try await run("full-name.csv")
    #expect(
      try people("first_name || '|' || ifnull(last_name, '-')") == ["+15126901147 Ida|Jones", "+16026901148 Kai|-"])
  }

  @Test(arguments: [
    ("Ida Jones", "Ida", "Jones"), ("Kai", "Kai", ""), ("Jones, Ida", "Ida", "Jones"),
    ("Dr. Ida Jones", "Ida", "Jones"),
    ("Ludwig van Beethoven", "Ludwig", "van Beethoven"), ("John Q. Public", "John", "Public"),
    ("John Smith Jr.", "John", "Smith Jr."),
    ("John Smith, Jr.", "John", "Smith Jr."), ("Ida & Tom Jones", "Ida & Tom", "Jones"), ("山田太郎", "山田太郎", ""),
    ("Mrs. Jones", "Jones", ""), ("  ", "", ""), ("Herr Max Müller", "Max", "Müller"),
    ("M. Dupont, Jean", "Jean", "Dupont"),
  ])
  func aNameIsSplitForItsGreeting(_ text: String, _ first: String, _ last: String) {
    let name = FullName(text)
    #expect(name.first == first && name.last == last, "\(text): \(name)")
  }

  @Test func theGuestsOfTheTill() async throws {
    let result = try await run("toast-guests.csv")
    #expect(result.counts.created == 3 && result.counts.rejected == 1)
    #expect(
      Set(try people("first_name || ' ' || last_name")) == [
        "+14152681100 Ada Löwe", "+16172681102 Cleo Day", "+13032681101 Ben Ash",
      ])
    #expect(
      try driver.file.readNow { db in try String.fetchAll(db, sql: "SELECT name FROM tags ORDER BY name") } == [
        "Regular", "VIP",
      ])
    // A preference that may be one of e-mail is not taken for consent to texts, and it is said.
    #expect(try notices(result.id).contains("consent_column_unused"))
  }

  @Test func theCardsOfAnAddressBook() async throws {
    let result = try await run("apple-contacts.csv")
    #expect(result.counts.created == 3 && result.counts.rejected == 0)
    #expect(
      Set(try people("first_name || ' ' || last_name || ' ' || ifnull(email, '')")) == [
        "+14152681100 Ada Löwe ada@x.test", "+13032681101 Ben Ash ", "+16172681102 Cleo Day cleo@x.test",
      ])
  }

  @Test(arguments: [
    "Customer list 2026-03-01\n", "Customer list,,\n\n", "\u{FEFF}\"Customers, all\",,\nExported by Ann,,\n",
    "sep=,\nCustomers,,\n",
    "\n\nCustomer list\r\n",
  ])
  func aTitleAboveTheNamesOfTheColumnsIsLeftOutAndSaid(_ title: String) async throws {
    let result = try await run(text: title + "Name,Mobile,Opted Out\nAda,(415) 268-1100,\nBen,(303) 268-1101,yes\n")
    #expect(result.counts.created == 2 && result.counts.rejected == 0)
    #expect(Set(try people()) == ["+14152681100 Ada", "+13032681101 Ben"])
    #expect(try notices(result.id) == ["title_row"])
  }

  @Test func underATitleOtherSeparatorsAreFound() async throws {
    let result = try await run(text: "Kundenliste\nVorname;Handy\nAda;(415) 268-1100\n")
    #expect(result.counts.created == 1 && result.counts.rejected == 0)
    #expect(try people() == ["+14152681100 Ada"])
  }

  @Test(arguments: [
    "Mobile\n(415) 268-1100\n", "Mobile,,\n(415) 268-1100,Ada,x\n", "Mobile,\n(415) 268-1100,mobile phone\n",
    "Mobile,Name\n(415) 268-1100,\n,\n",
  ])
  func aHeaderIsNoTitle(_ text: String) async throws {
    let result = try await run(text: text)
    #expect(result.counts.created == 1)
    #expect(!(try notices(result.id).contains("title_row")))
  }

  @Test func aListInACellIsAList() async throws {
    _ = try await run("mailchimp-audience.csv")
    #expect(
      try driver.file.readNow { db in try String.fetchAll(db, sql: "SELECT name FROM tags ORDER BY name") } == [
        "Spring 2026", "VIP",
      ])
    #expect(try people("time_zone") == ["+12124711121 America/Los_Angeles", "+16023421118 America/Los_Angeles"])
  }

  @Test func numbersDialledFromHereAreRead() async throws {
    _ = try await run("abroad-from-us.csv")
    #expect(Set(try people()) == ["+447911123456 A", "+447911123457 B", "+33612345678 C"])
  }

  @Test func rowsOfCommasAreNobody() async throws {
    let result = try await run("excel-empty-left-columns.csv")
    #expect(result.counts.rows == 2 && result.counts.rejected == 0)
    #expect(try people() == ["+16176901143 Ed", "+17026901144 Flo"])
  }

  @Test func aBrokenWorkbookIsRefusedInWordsThatHelp() async throws {
    await #expect(throws: Refusal.self) { try await run("workbook.xlsx.csv") }
    do { _ = try await run("workbook.xlsx.csv") } catch let refusal as Refusal {
      #expect("\(refusal)".contains("Excel workbook") && "\(refusal)".contains("CSV UTF-8"))
    }
  }

  // MARK: Characters

  @Test func namesAreCleaned() async throws {
    _ = try await run("names.csv")
    #expect(
      Set(try people()) == [
        "+15124711127 Ana", "+16024711128 Bob", "+13054711129 Céline", "+14155831130 Dan", "+12125831131 Eve",
        "+13035831132 Flo",
      ])
    _ = try await run("name-newline.csv")
    #expect(Set(try people()).isSuperset(of: ["+16175831133 Ana Maria", "+17025831134 Bo Lee"]))
  }

  @Test func invisibleCharactersInNumbersAreNoReason() async throws {
    let result = try await run("invisible-in-phone.csv")
    #expect(result.counts.created == 9)
  }

  @Test func formulaGuardsAreTakenOff() async throws {
    _ = try await run("excel-formula-guard.csv")
    #expect(
      try people("first_name || ' ' || (fields ->> 'zip')") == ["+12066901145 Gil 02139", "+14046901146 Hal 10001"])
  }
}
