import Crypto
import Foundation
import GRDB
package import TenantRuntime

/// A passkey (WebAuthn level 2): a key pair of which a device of the user keeps the private half. Signatures by ES256 or EdDSA.
///
/// No attestation is asked for, so that nothing needs to be read of the object that carries it: the browser hands over the public key as SPKI
/// (`getPublicKey()`) and the authenticator's data.
package struct Passkey: Sendable {
  package let id: [UInt8]
  package let user: Int64
  package let name: String
  let publicKey: [UInt8]
  let algorithm: Int64
  let uses: Int64
  package let addedAt: Moment
  package let usedAt: Moment?

  static let mostOfUser = 20

  init(_ row: Row) {
    id = Array(row["id"] as Data)
    user = row["user_id"]
    name = row["name"]
    publicKey = Array(row["public_key"] as Data)
    algorithm = row["algorithm"]
    uses = row["uses"]
    addedAt = row["added_at"]
    usedAt = row["used_at"]
  }

  /// Of no user, to check signatures with.
  init(publicKey: [UInt8], algorithm: Int64) {
    (id, user, name, uses, addedAt, usedAt) = ([], 0, "", 0, Moment(milliseconds: 0), nil)
    (self.publicKey, self.algorithm) = (publicKey, algorithm)
  }

  static func all(_ db: Database, of user: Int64) throws -> [Passkey] {
    try Row.fetchAll(db, sql: "SELECT * FROM passkeys WHERE user_id = ? ORDER BY added_at, id", arguments: [user])
      .map(Passkey.init)
  }

  static func find(_ db: Database, id: [UInt8]) throws -> Passkey? {
    try Row.fetchOne(db, sql: "SELECT * FROM passkeys WHERE id = ?", arguments: [Data(id)]).map(Passkey.init)
  }

  /// What the browser's part must be of.
  struct Ceremony: Sendable {
    /// `webauthn.create` or `webauthn.get`.
    var type: String
    var challenge: [UInt8]
    /// Of the public URL, with its scheme.
    var origin: String
  }

  struct Wrong: Error, Equatable { var reason: String }

  /// Checks what the browser and the authenticator say of a ceremony (7.1 and 7.2 of the standard). Answers how often the key was used.
  static func check(clientData: [UInt8], authenticatorData: [UInt8], _ ceremony: Ceremony) throws -> Int64 {
    guard clientData.count <= 4_096, let said = try? JSON(parsing: clientData), said["type"]?.text == ceremony.type
    else {
      throw Wrong(reason: "the browser's data are of something else")
    }
    guard let challenge = said["challenge"]?.text.flatMap(Base64URL.decode),
      constantTimeEqual(challenge, ceremony.challenge)
    else {
      throw Wrong(reason: "this was answered too late, or in another browser")
    }
    guard said["origin"]?.text == ceremony.origin, said["crossOrigin"]?.bool != true else {
      throw Wrong(reason: "the browser was at another address")
    }
    guard (37...4_096).contains(authenticatorData.count) else {
      throw Wrong(reason: "the authenticator's data are broken")
    }
    let host = URL(string: ceremony.origin)?.host ?? ""
    guard constantTimeEqual(Array(authenticatorData.prefix(32)), Array(SHA256.hash(data: Array(host.utf8)))) else {
      throw Wrong(reason: "the passkey is of another address")
    }
    // User present, and verified by the device: a passkey stands for both factors.
    guard authenticatorData[32] & 0b101 == 0b101 else {
      throw Wrong(reason: "the device has not checked that it is you")
    }
    return authenticatorData[33..<37].reduce(0) { $0 << 8 | Int64($1) }
  }

  /// Whether the key can be used for what it is said to be.
  static func checkKey(_ publicKey: [UInt8], _ algorithm: Int64) throws {
    let isGood: Bool
    switch algorithm {
    case -7: isGood = (try? P256.Signing.PublicKey(derRepresentation: publicKey)) != nil
    case -8: isGood = ed25519(publicKey) != nil
    default: isGood = false
    }
    guard isGood, publicKey.count <= 200 else { throw Wrong(reason: "the key is of no kind that is taken here") }
  }

  func verify(signature: [UInt8], clientData: [UInt8], authenticatorData: [UInt8]) -> Bool {
    let signed = authenticatorData + Array(SHA256.hash(data: clientData))
    switch algorithm {
    case -7:
      guard let key = try? P256.Signing.PublicKey(derRepresentation: publicKey),
        let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
      else { return false }
      return key.isValidSignature(signature, for: signed)
    case -8: return Self.ed25519(publicKey)?.isValidSignature(Data(signature), for: signed) ?? false
    default: return false
    }
  }

  /// SPKI of Ed25519 (RFC 8410): twelve bytes, then the key.
  private static func ed25519(_ spki: [UInt8]) -> Curve25519.Signing.PublicKey? {
    let head: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
    guard spki.count == 44, Array(spki.prefix(12)) == head else { return nil }
    return try? Curve25519.Signing.PublicKey(rawRepresentation: spki.dropFirst(12))
  }
}

/// Base64 for addresses (RFC 4648 5), without padding.
package enum Base64URL {
  package static func decode(_ text: String) -> [UInt8]? {
    guard text.utf8.count <= 8_192, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") }) else {
      return nil
    }
    var plain = text.replacing("-", with: "+").replacing("_", with: "/")
    while plain.utf8.count % 4 != 0 { plain += "=" }
    return Data(base64Encoded: plain).map(Array.init)
  }

  package static func encode(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
