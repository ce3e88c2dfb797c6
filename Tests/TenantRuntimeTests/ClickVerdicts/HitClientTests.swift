import Foundation
import Testing

@testable import TenantRuntime

@Suite struct HitClientTests {
  private func reader(_ agent: String, _ headers: (String, String)...) -> HitHeaderReader {
    var reader = HitHeaderReader()
    reader.note("User-Agent", agent)
    for (name, value) in headers { reader.note(name, value) }
    return reader
  }

  @Test func thoseWhoSayTheSameAreOne() {
    let clients = HitClients()
    let first = clients.client(reader("phone", ("Accept", "*/*"), ("Via", "a")))
    #expect(clients.client(reader("phone", ("accept", "*/*"), ("VIA", "a"))).id == first.id)
    // In another order it is another one in memory, and the same in a file.
    let turned = clients.client(reader("phone", ("via", "a"), ("accept", "*/*")))
    #expect(turned.id != first.id && turned == first && turned.digest == first.digest)
    for other in [reader("phone"), reader("", ("accept", "*/*")), reader("phone", ("accept", "a"), ("via", "*/*"))] {
      #expect(clients.client(other) != first && clients.client(other).digest != first.digest)
    }
  }

  @Test func aCharacterCutInTwoIsReplaced() {
    let client = HitClients().client(reader("phone", ("accept", String(repeating: "a", count: 199) + "é")))
    #expect(client.headers[.accept] == String(repeating: "a", count: 199) + "\u{FFFD}")
    #expect(HitClient(userAgent: client.userAgent, headers: client.headers).headers[.via] == nil)
  }

  @Test func bytesThatAreNoTextAreKeptAsReplaced() {
    var reader = HitHeaderReader()
    let (name, value): ([UInt8], [UInt8]) = (Array("User-Agent".utf8), [0x41, 0xFF, 0xC3])
    name.withUnsafeBytes { name in value.withUnsafeBytes { reader.note(name, $0) } }
    #expect(HitClients().client(reader).userAgent == "A\u{FFFD}\u{FFFD}")
  }

  @Test func theNewestHalfIsRememberedAndNoMore() {
    let clients = HitClients(most: 10)
    let busy = clients.client(reader("busy"))
    for n in 0..<1_000 {
      _ = clients.client(reader("phone \(n)"))
      #expect(clients.client(reader("busy")).id == busy.id, "who asks again and again stays")
    }
    let gone = clients.client(reader("phone 3"))
    #expect(gone.userAgent == "phone 3")
    #expect(clients.count <= 20)
  }

  /// Of a referring page only the host is kept.
  @Test(arguments: [
    ("https://shop.example.com/cart?token=1", "shop.example.com"), ("http://user:word@example.com#x", "example.com"),
    ("https://a@b@c.example/", "c.example"), ("example.com/path", ""), ("", ""), ("https://", ""),
    ("https://example.com:8443?x", "example.com:8443"),
    ("android-app://com.google.android.gm/", "com.google.android.gm"),
  ])
  func aReferersHost(_ sent: String, _ kept: String) {
    #expect(HitClients().client(reader("", ("Referer", sent))).headers[.referer] == kept)
  }

  @Test func itComesBackFromJSON() throws {
    let client = HitClients().client(reader("phone 🙂", ("accept", "*/*")))
    #expect(try JSONDecoder().decode(HitClient.self, from: JSONEncoder().encode(client)) == client)
  }
}
