import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// How files are written down: workbooks, encodings by evidence and by name, exports of the tools people come from.
@Suite struct FieldFormatTests {
  let driver = try! ImportDriver()

  private func encoded(_ text: String, _ charset: String) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["iconv", "-f", "UTF-8", "-t", charset]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    input.fileHandleForWriting.write(Data(text.utf8))
    try input.fileHandleForWriting.close()
    return Array(output.fileHandleForReading.readDataToEndOfFile())
  }

  @Test func theFirstSheetThatIsSeenIsRead() async throws {
    let (_, result) = try await driver.run(try FieldFile.bytes("customers.xlsx"))
    #expect(result.state == .completed && result.counts.created == 2 && result.counts.rejected == 0)
    let rows = try driver.file.readNow { db in
      try String.fetchAll(db, sql: "SELECT phone || ' ' || first_name || ' ' || fields FROM contacts ORDER BY phone")
    }
    #expect(
      rows == [
        #"12122681101 Max {"joined":"2026-03-02 12:00:00","note":"TRUE"}"#,
        #"14152681100 Zoë & Co {"joined":"2026-03-01","note":"a \"quoted\", note"}"#,
      ])
  }

  @Test(arguments: [
    ("CP1252", "José Muñoz;Zoë Brandão;Jürgen Größe;Œuvre à la carte;Søren Ångström"),
    ("CP1251", "Анна Иванова;Юрий Щербаков;Сергей Петров"),
    ("CP1250", "Łukasz Wiśniewski;Żaneta Gąsior;Jiří Dvořák;Štěpán Černý;Győző"),
    ("MACINTOSH", "José Muñoz;Zoë Brandão;Jürgen Größe;Hélène"),
    ("CP1253", "Γιώργος Παπαδόπουλος;Μαρία Νικολάου;Ελένη"), ("CP1254", "Şükrü Işık;Gülşen Çağlar;İbrahim Öztürk"),
    ("CP1255", "משה כהן;שרה לוי;דוד אברהם"), ("CP1256", "محمد علي;فاطمة الزهراء;أحمد حسن"),
    ("KOI8-R", "Анна Иванова;Юрий Щербаков;Сергей Петров"),
    ("CP850", "José Muñoz;Jürgen Größe;Hélène"), ("CP866", "Анна Иванова;Юрий Щербаков;Сергей Петров"),
    ("CP932", "山田さくら;すずき たろう;カタカナ"),
    ("CP949", "김철수;이영희;박지성"), ("UTF-16LE", "José;Zoë;Łukasz"), ("CP1257", "Jānis Bērziņš;Žydrūnas Šimkus;Līga Kļaviņa"),
  ])
  func anEncodingIsFoundByTheLettersThatMakeSense(_ charset: String, _ names: String) async throws {
    let people = names.split(separator: ";").map(String.init)
    let text = "Name;Mobile\r\n" + people.enumerated().map { "\($0.element);(415) 268-110\($0.offset)\r\n" }.joined()
    let (_, result) = try await driver.run(try encoded(text, charset), ["map": "first_name:Name"])
    #expect(result.state == .completed)
    let read = try driver.file.readNow { db in
      try String.fetchAll(db, sql: "SELECT first_name FROM contacts ORDER BY phone")
    }
    #expect(read == people, "\(charset)")
  }

  @Test(arguments: [
    ("windows-1251", "Ab", "CP1251"), ("cp1250", "Ab", "CP1250"), ("iso-8859-2", "Ab", "ISO-8859-2"),
    ("shift_jis", "", "CP932"),
  ])
  func anEncodingThatIsNamedIsBelieved(_ label: String, _ extra: String, _ charset: String) async throws {
    let name = charset == "CP1251" ? "яб" : charset == "CP932" ? "ｱ" : "Ż"
    let (_, result) = try await driver.run(
      try encoded("Name,Mobile\n\(name),4152681100\n", charset), ["encoding": label, "map": "first_name:Name"])
    #expect(result.counts.created == 1)
    #expect(try driver.file.readNow { db in try String.fetchOne(db, sql: "SELECT first_name FROM contacts") } == name)
  }

  @Test func anEncodingNobodyKnowsIsRefused() async throws {
    await #expect(throws: Refusal.self) {
      _ = try await driver.run(Array("Phone\n4152681100\n".utf8), ["encoding": "ebcdic-klingon"])
    }
  }

  @Test(arguments: [
    "%PDF-1.7\n", "\u{1F}\u{8B}", "BEGIN:VCARD\nVERSION:3.0\nTEL:+14152681100\n",
    "<html><table><tr><td>Phone</td></tr></table></html>",
  ])
  func whatIsNoListIsRefusedInWordsThatHelp(_ text: String) async throws {
    let bytes = text.hasPrefix("\u{1F}") ? [0x1F, 0x8B, 8, 0] : Array(text.utf8)
    do {
      _ = try await driver.run(bytes)
      Issue.record("it was taken")
    } catch let refusal as Refusal { #expect("\(refusal)".contains("CSV")) }
  }

  /// Headers as the tools export them, and which columns are taken: phone, first name, last name, e-mail; the next phone.
  static let exports: [(String, String, [String?])] = [
    (
      "HubSpot", "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Contact owner,Lead Status",
      ["Mobile Phone Number", "First Name", "Last Name", "Email"]
    ),
    (
      "Outlook",
      "First Name,Middle Name,Last Name,Company,Business Fax,Business Phone,Home Phone,Mobile Phone,E-mail Address,E-mail Type",
      ["Mobile Phone", "First Name", "Last Name", "E-mail Address"]
    ),
    (
      "Outlook, new", "First name,Last name,Email address,Mobile phone,Work phone,Notes",
      ["Mobile phone", "First name", "Last name", "Email address"]
    ),
    (
      "Klaviyo", "Email,Phone Number,First Name,Last Name,Address,City,Email Marketing Consent,SMS Marketing Consent",
      ["Phone Number", "First Name", "Last Name", "Email"]
    ),
    (
      "Constant Contact",
      "Email address - other,First name,Last name,Phone - mobile,Phone - work,Email permission status",
      ["Phone - mobile", "First name", "Last name", "Email address - other"]
    ),
    (
      "Square", "Reference ID,First Name,Last Name,Email Address,Phone Number,Nickname,Company Name",
      ["Phone Number", "First Name", "Last Name", "Email Address"]
    ),
    (
      "WooCommerce",
      "customer_id,user_login,billing_first_name,billing_last_name,billing_email,billing_phone,shipping_phone",
      ["billing_phone", "billing_first_name", "billing_last_name", "billing_email"]
    ),
    (
      "Pipedrive", "Person - Name,Person - Phone - Mobile,Person - Phone - Work,Person - Email - Work,Person - Owner",
      ["Person - Phone - Mobile", nil, nil, "Person - Email - Work"]
    ),
    (
      "Zoho", "Record Id,First Name,Last Name,Email,Phone,Mobile,Home Phone,Fax",
      ["Mobile", "First Name", "Last Name", "Email"]
    ),
    (
      "Facebook leads", "id,created_time,ad_id,full_name,email,phone_number,platform",
      ["phone_number", nil, nil, "email"]
    ),
    (
      "Eventbrite", "Order #,First Name,Last Name,Email,Cell Phone,Home Phone,Work Phone",
      ["Cell Phone", "First Name", "Last Name", "Email"]
    ),
    (
      "Mindbody", "Client ID,Last Name,First Name,Home Phone,Work Phone,Mobile Phone,Email",
      ["Mobile Phone", "First Name", "Last Name", "Email"]
    ),
    ("Twilio", "From,To,Body,Status,SentDate,ApiVersion,NumSegments", ["To", nil, nil, nil]),
    (
      "ActiveCampaign", "Email,First Name,Last Name,Phone,Organization,Tags,Lists,Status",
      ["Phone", "First Name", "Last Name", "Email"]
    ),
    (
      "Wix", "First Name,Last Name,Email 1,Phone 1,Phone 2,Labels,Email subscriber status,SMS subscriber status",
      ["Phone 1", "First Name", "Last Name", "Email 1"]
    ),
    ("German", "Vorname,Nachname,Mobilnummer,Festnetz,E-Mail,PLZ", ["Mobilnummer", "Vorname", "Nachname", "E-Mail"]),
    ("French", "Prénom,Nom,Tél. portable,Tél. fixe,Courriel", ["Tél. portable", "Prénom", "Nom", "Courriel"]),
    (
      "Spanish", "Nombre,Apellidos,Móvil,Teléfono fijo,Correo electrónico",
      ["Móvil", "Nombre", "Apellidos", "Correo electrónico"]
    ),
  ]

  @Test(arguments: exports.map(\.0)) func theColumnsOfAnExportAreFound(_ tool: String) throws {
    let (_, line, wanted) = try #require(Self.exports.first { $0.0 == tool })
    let headers = line.split(separator: ",").map(String.init)
    let rows = (0..<5).map { row in
      headers.map { header -> String in
        let name = header.lowercased()
        if name.contains("mail") && !name.contains("consent") && !name.contains("status") && !name.contains("type")
          && !name.contains("permission")
        {
          return "p\(row)@x.test"
        }
        if name.contains("consent") || name.contains("subscriber") { return "Subscribed" }
        if name == "from" { return "+14152681199" }
        if name.contains("work") || name.contains("business") { return "(415) 268-1199" }
        if ["phone", "mobil", "móvil", "tél", "teléfono", "festnetz", "cell", "to"].contains(where: name.contains),
          !name.contains("customer")
        {
          return "(415) 268-11\(10 + row)"
        }
        return name.contains("name") || name.contains("nom") ? "Ada\(row == 0 ? "" : "b")" : "x\(row)"
      }
    }
    let choice = try ColumnChoice(headers: headers, rows: rows, map: nil, region: "US")
    let columns: [TenantRuntime.ColumnMapping.Column] = [.phone, .firstName, .lastName, .email]
    #expect(columns.map { column in choice.mapping.index(of: column).map { headers[$0] } } == wanted, "\(tool)")
    #expect(
      !choice.mapping.nextPhones.contains {
        headers[$0].lowercased().contains("work") || headers[$0].contains("Business")
      })
  }
}
