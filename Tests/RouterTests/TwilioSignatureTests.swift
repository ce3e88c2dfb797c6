import Foundation
import Testing

@testable import Router

/// The vectors of the official helpers, token `12345`.
@Suite struct TwilioSignatureTests {
  struct Vector: Sendable {
    var signature: String
    var url: String
    var form: [(String, String)]
  }

  static let hooks = "https://hooks.example.test/s"
  static let vectors = [
    Vector(
      signature: "RSOYDt4T1cUTdK1PDd93/VVr8B8=", url: "https://mycompany.com/myapp.php?foo=1&bar=2",
      form: [
        ("CallSid", "CA1234567890ABCDE"), ("Digits", "1234"), ("From", "+14158675309"), ("To", "+18005551212"),
        ("Caller", "+14158675309"),
      ]),
    Vector(signature: "af4TxXpAZtLg1BIhT78BWkhlPso=", url: hooks, form: [("A", "1")]),
    Vector(signature: "zOhxPiEkPoIlsDyS6dpwwwCK174=", url: hooks, form: [("A", ""), ("B", "x")]),
    Vector(signature: "zZZ5YOpZDWoMH1w66vDWW5kBtKo=", url: hooks, form: [("b", "2"), ("B", "1"), ("a", "3")]),
    Vector(signature: "2GJz2J5ZIZGH6p2Dp9315IboT+I=", url: hooks, form: [("X", "b"), ("X", "a"), ("X", "a")]),
  ]

  @Test(arguments: vectors) func everyOfficialSignatureHolds(_ vector: Vector) {
    #expect(TwilioSignature.isValid(vector.signature, url: vector.url, form: vector.form, tokens: ["other", "12345"]))
  }

  @Test func nothingElseHolds() {
    let vector = Self.vectors[0]
    #expect(!TwilioSignature.isValid(vector.signature, url: vector.url, form: vector.form, tokens: ["12346"]))
    #expect(!TwilioSignature.isValid(vector.signature, url: vector.url + "3", form: vector.form, tokens: ["12345"]))
    #expect(
      !TwilioSignature.isValid(vector.signature, url: vector.url, form: vector.form + [("x", "y")], tokens: ["12345"]))
    #expect(!TwilioSignature.isValid("", url: vector.url, form: vector.form, tokens: ["12345"]))
  }
}
