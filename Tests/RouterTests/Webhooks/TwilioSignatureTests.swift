import ControlPlane
import Foundation
import TenantRuntime
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

  private static func body(_ form: [(String, String)]) -> FormBody {
    FormBody(
      form.map { name, value in
        "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
      }.joined(separator: "&").utf8)
  }

  @Test(arguments: vectors) func everyOfficialSignatureHolds(_ vector: Vector) {
    #expect(
      TwilioSignature.isValid(
        vector.signature, url: vector.url, form: Self.body(vector.form), tokens: ["other", "12345"]))
  }

  @Test func nothingElseHolds() {
    let vector = Self.vectors[0]
    #expect(
      !TwilioSignature.isValid(vector.signature, url: vector.url, form: Self.body(vector.form), tokens: ["12346"]))
    #expect(
      !TwilioSignature.isValid(vector.signature, url: vector.url + "3", form: Self.body(vector.form), tokens: ["12345"])
    )
    #expect(
      !TwilioSignature.isValid(
        vector.signature, url: vector.url, form: Self.body(vector.form + [("x", "y")]), tokens: ["12345"]))
    #expect(!TwilioSignature.isValid("", url: vector.url, form: Self.body(vector.form), tokens: ["12345"]))
  }

  @Test func unicodeAndEmptyValuesAndAddressesAloneAreSignedAsTheProviderDoes() {
    let inbound = "https://hooks.example.test/twilio/inbound/t_1"
    let form: [(String, String)] = [
      ("MessageSid", "SM" + String(repeating: "0", count: 31) + "1"),
      ("AccountSid", "AC" + String(repeating: "a", count: 32)),
      ("From", "+14155550100"), ("To", "+14155550199"), ("Body", "STOP 🛑 é"), ("NumMedia", "0"),
    ]
    let holds = { (signature: String, url: String, form: FormBody?) in
      TwilioSignature.isValid(signature, url: url, form: form, tokens: ["12345"])
    }
    #expect(holds("ba44tMriQToh0RvxT5+ndza6vvE=", inbound, Self.body(form)))
    #expect(holds("WPa3BqQBvzE2SAYpu6abVoa1cNA=", Self.hooks + "?Body=hi%20there&From=%2B14155550100", nil))
    let hash = "f9d86028c6e0d64e225186f96acb69338b2c59764df79162107f5c4bb34d1310"
    #expect(holds("YV72UaTlDAkxw/PcFl6Z4IVYj58=", "https://hooks.example.test/j?bodySHA256=\(hash)", nil))
    // Signed without the port, called with it, and with the default port added; never the other way round.
    #expect(
      holds("zOhxPiEkPoIlsDyS6dpwwwCK174=", "https://hooks.example.test:8443/s", Self.body([("A", ""), ("B", "x")])))
    #expect(!holds("ba44tMriQToh0RvxT5+ndza6vvE=", inbound, Self.body(form + [("Body", "STOP")])))
  }

  @Test func aFormIsReadAsBrowsersWriteIt() {
    let form = FormBody("a=1&b=x+y%20z&a=2&=&empty=&flag&%7e=%zz&b%3D=c".utf8)
    #expect(form["a"] == "2" && form["b"] == "x y z" && form["empty"] == "" && form["flag"] == "")
    #expect(form["~"] == "%zz" && form["b="] == "c" && form["none"] == nil)
    #expect(FormBody("".utf8)["a"] == nil && FormBody("%".utf8)["%"] == "" && FormBody("a=%4".utf8)["a"] == "%4")
    #expect(FormBody(Array(repeating: UInt8(ascii: "&"), count: 5_000)).isTooLong == false)
    #expect(FormBody(String(repeating: "a=b&", count: 201).utf8).isTooLong)
  }
}
