import Foundation
import GRDB
import Logging
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

@Suite struct MailTests {
  private let mail = Mail(
    to: "ana@shop.example", subject: "You are invited to Café <b>\r\nBcc: eve@x.test", sentences: ["Hello & <welcome>"],
    button: .init(label: "Accept", link: "https://crm.example/sign-in/confirm?token=ab&x=\"y\""), code: "BCDF-2345",
    footnote: "Nothing to do.")

  @Test func aMailThatWaitsForATimeThatAClockSetBackWillNotSeeGoesAtOnce() async throws {
    let folder = try TestFolder()
    let file = try ControlFile.open(folder.path)
    let queue = MailQueue(
      file: file, secret: try SecretKey.of(data: folder.path, given: nil), server: nil, sender: "crm@host.example",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let (now, ahead) = (Moment(milliseconds: 1_800_000_000_000), Moment(milliseconds: 1_802_592_000_000))
    try await file.write { db in try queue.add(db, mail, at: ahead, until: ahead.advanced(bySeconds: 86_400)) }
    #expect(try await queue.takeTurn(now: now) == .whenNudged)
    #expect(try await file.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM mails") } == 0)
  }

  @Test func nothingOfAMailBeginsAHeaderOfItsOwn() throws {
    let text = String(
      decoding: mail.message(from: "CRM <crm@host.example>", id: "i", at: Moment(milliseconds: 0)), as: UTF8.self)
    let head = try #require(text.range(of: "\r\n\r\n").map { text[..<$0.lowerBound] })
    let lines = head.split(separator: "\r\n")
    #expect(lines.filter { !$0.hasPrefix(" ") }.count == 8)
    #expect(!lines.contains { $0.lowercased().hasPrefix("bcc") })
    #expect(lines.contains("Date: Thu, 01 Jan 1970 00:00:00 +0000") && lines.contains("Message-ID: <i@host.example>"))
    #expect(text.utf8.allSatisfy { $0 < 128 })
    #expect(text.split(separator: "\r\n", omittingEmptySubsequences: false).allSatisfy { $0.utf8.count <= 998 })
  }

  @Test func theHTMLShowsWhatWasWrittenAndNoMore() {
    #expect(mail.html.contains("Hello &amp; &lt;welcome&gt;"))
    #expect(mail.html.contains("token=ab&amp;x=&quot;y&quot;"))
    #expect(!mail.html.contains("<b>"))
    #expect(
      mail.text.contains("https://crm.example/sign-in/confirm?token=ab&x=\"y\"") && mail.text.contains("BCDF-2345"))
  }

  @Test(arguments: [
    "Sign in", "Café", String(repeating: "ü", count: 200), "👩‍👩‍👧‍👦 family", String(repeating: "a", count: 200),
  ])
  func subjectsComeBackFromTheirEncoding(subject: String) {
    let encoded = Mail.encoded(subject)
    #expect(encoded.split(separator: "\r\n ").allSatisfy { $0.utf8.count <= 75 })
    let read = encoded.split(separator: "\r\n ").map { word -> String in
      guard word.hasPrefix("=?utf-8?B?"), word.hasSuffix("?="),
        let data = Data(base64Encoded: String(word.dropFirst(10).dropLast(2)))
      else { return String(word) }
      return String(decoding: data, as: UTF8.self)
    }.joined()
    #expect(read == subject)
  }

  @Test(arguments: [
    "smtp://mail.example:587", "smtps://u:p@mail.example", "smtp://127.0.0.1:1025", "smtp://[::1]:25",
    "smtp://localhost",
  ])
  func addressesOfMailServersAreRead(text: String) { #expect(throws: Never.self) { try SMTPServer(text) } }

  @Test(arguments: [
    "", "mail.example", "http://mail.example", "smtp://", "smtp://mail.example/x", "smtp://mail.example?x",
    "smtp://mail.example:99999",
  ])
  func whatIsNoneIsRefused(text: String) { #expect(throws: SMTPServer.Wrong.self, "\(text)") { try SMTPServer(text) } }
}
