import TenantRuntime
import Testing

@testable import ControlPlane

@Suite struct HostNameTests {
  @Test(arguments: [
    ("go.example.com", "go.example.com"), ("GO.Example.COM.", "go.example.com"), ("a.b", "a.b"),
    ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("1.example", "1.example"), ("a-1.example", "a-1.example"),
  ])
  func aNameIsReadInItsOneSpelling(_ text: String, _ name: String) throws {
    #expect(try HostName(text).description == name)
  }

  @Test(arguments: [
    "", ".", "..", "localhost", "localhost.", ".example.com", "go..example.com", "go.example.com..", "127.0.0.1",
    "127.1",
    "0x7f.1", "::1", "[::1]", "[::ffff:127.0.0.1]:80", "go.example.com:443", "http://go.example.com",
    "go.example.com/x",
    "user@go.example.com", "*.example.com", "_x.example.com", "-a.example.com", "a-.example.com", "a b.example",
    " a.example",
    "a.example\n", "a\u{0}.example", "bücher.example", "go。example", "ｇo.example", "a.123", "K.\u{212A}",
  ])
  func whatIsNoNameIsRefusedForTheField(_ text: String) {
    #expect { try HostName(text) } throws: { error in
      guard case Refusal.invalid(let errors) = error else { return false }
      return errors.map(\.field) == ["host"]
    }
  }

  @Test func lengthsAreThoseOfTheNameService() throws {
    func name(_ length: Int) -> String {
      let labels = Array(repeating: String(repeating: "a", count: 49), count: 5).joined(separator: ".") + "."
      return labels + String(repeating: "b", count: length - labels.count)
    }
    #expect(try HostName(name(253)).description.count == 253)
    #expect(throws: Refusal.self) { try HostName(name(254)) }
    let label = String(repeating: "a", count: 63)
    _ = try HostName(label + ".example")
    #expect(throws: Refusal.self) { try HostName("a\(label).example") }
  }
}
