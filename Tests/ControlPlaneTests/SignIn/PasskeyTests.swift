import Crypto
import Foundation
import TenantRuntime
import Testing

@testable import ControlPlane

/// What a browser and a device say is believed only as a whole.
@Suite struct PasskeyTests {
  private let challenge = (0..<32).map { UInt8($0) }
  private let origin = "https://crm.example"

  private func client(
    type: String = "webauthn.get", challenge: [UInt8]? = nil, origin: String? = nil, more: String = ""
  ) -> [UInt8] {
    Array(
      #"{"type":"\#(type)","challenge":"\#(Base64URL.encode(challenge ?? self.challenge))","origin":"\#(origin ?? self.origin)"\#(more)}"#
        .utf8)
  }

  private func device(host: String = "crm.example", flags: UInt8 = 0b101, uses: UInt32 = 7) -> [UInt8] {
    Array(SHA256.hash(data: Array(host.utf8))) + [flags]
      + (0..<4).map { UInt8(truncatingIfNeeded: uses >> (24 - 8 * $0)) }
  }

  private var ceremony: Passkey.Ceremony { .init(type: "webauthn.get", challenge: challenge, origin: origin) }

  @Test func aCeremonyAsItShouldBeTellsHowOftenTheKeyWasUsed() throws {
    #expect(try Passkey.check(clientData: client(), authenticatorData: device(), ceremony) == 7)
  }

  @Test func anythingElseIsRefused() {
    let wrong: [(String, [UInt8], [UInt8])] = [
      ("another ceremony", client(type: "webauthn.create"), device()),
      ("another challenge", client(challenge: Array(challenge.reversed())), device()),
      ("another origin", client(origin: "https://crm.example.evil.example"), device()),
      ("another port", client(origin: "https://crm.example:444"), device()),
      ("a frame of another page", client(more: #","crossOrigin":true"#), device()),
      ("another host's key", client(), device(host: "evil.example")),
      ("nobody present", client(), device(flags: 0b100)), ("nobody verified", client(), device(flags: 0b001)),
      ("short data", client(), Array(device().dropLast())), ("no JSON", Array("{".utf8), device()),
      ("nothing", [], []),
      ("long data", client(more: ",\"x\":\"" + String(repeating: "x", count: 5_000) + "\""), device()),
    ]
    for (name, client, device) in wrong {
      #expect(throws: Passkey.Wrong.self, "\(name)") {
        try Passkey.check(clientData: client, authenticatorData: device, ceremony)
      }
    }
  }

  @Test func signaturesOfBothKindsHoldForWhatWasSignedAlone() throws {
    let (p256, ed25519) = (P256.Signing.PrivateKey(), Curve25519.Signing.PrivateKey())
    let head: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
    let (client, device) = (client(), device())
    let signed = device + Array(SHA256.hash(data: client))
    let keys: [(Int64, [UInt8], [UInt8])] = [
      (-7, Array(p256.publicKey.derRepresentation), Array(try p256.signature(for: signed).derRepresentation)),
      (-8, head + Array(ed25519.publicKey.rawRepresentation), Array(try ed25519.signature(for: signed))),
    ]
    for (algorithm, key, signature) in keys {
      try Passkey.checkKey(key, algorithm)
      let passkey = Passkey(publicKey: key, algorithm: algorithm)
      #expect(passkey.verify(signature: signature, clientData: client, authenticatorData: device))
      #expect(!passkey.verify(signature: signature, clientData: client + [32], authenticatorData: device))
      #expect(!passkey.verify(signature: Array(signature.dropLast()), clientData: client, authenticatorData: device))
      #expect(!passkey.verify(signature: [], clientData: client, authenticatorData: device))
      #expect(throws: Passkey.Wrong.self) { try Passkey.checkKey(key, algorithm == -7 ? -8 : -7) }
    }
    #expect(throws: Passkey.Wrong.self) { try Passkey.checkKey([], -7) }
    #expect(throws: Passkey.Wrong.self) { try Passkey.checkKey(keys[0].1, -257) }
  }

  @Test func base64ForAddressesComesBack() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 251) }
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
    for wrong in ["a", "a+b/", "ü", "a b"] { #expect(Base64URL.decode(wrong) == nil, "\(wrong)") }
  }
}
