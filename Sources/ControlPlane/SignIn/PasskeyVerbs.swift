import Foundation
import GRDB
package import TenantRuntime

/// Challenges are rows of `sign_in_links`: good once, for ten minutes, in the browser that asked.
private func beginChallenge(_ db: Database, user: Int64?, browser: [UInt8], at: Moment) throws -> [UInt8] {
  let challenge = (0..<32).map { _ in UInt8.random(in: 0...255) }
  try SignInLink.add(db, .passkey, digest: APIKey.digest(APIKey.hex(challenge)), user: user, browser: browser, at: at)
  return challenge
}

/// Uses up the challenge that the browser's data name, and answers it; nil: it is unknown, used, too old or another browser's.
private func takeChallenge(
  _ db: Database, _ clientData: [UInt8], browser: [UInt8], user: Int64?, at: Moment
) throws -> [UInt8]? {
  guard clientData.count <= 4_096, let said = try? JSON(parsing: clientData),
    let challenge = said["challenge"]?.text.flatMap(Base64URL.decode), challenge.count == 32
  else { return nil }
  try db.execute(
    sql: """
      UPDATE sign_in_links SET used_at = ? WHERE hash = ? AND purpose = 'passkey' AND browser = ? AND used_at IS NULL AND expires_at > ?
        AND coalesce(user_id, 0) = ?
      """,
    arguments: [at, Data(APIKey.digest(APIKey.hex(challenge))), Data(browser), at, user ?? 0])
  return db.changesCount > 0 ? challenge : nil
}

private let tooLate = Refusal.gone("This took too long, or began in another browser. Try again.")

extension SignIn {
  /// Of the public URL, as browsers write it.
  var origin: String { Self.origin(mailing.publicURL) }

  static func origin(_ text: String) -> String {
    guard let url = URL(string: text), let scheme = url.scheme, let host = url.host else { return text }
    return "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
  }

  package func beginPasskey(_ place: Place) async throws -> [UInt8] {
    try await checkNetwork(place, "passkey")
    let at = now
    return try await directory.file.write { db in
      try beginChallenge(db, user: nil, browser: place.browser, at: at)
    }
  }

  /// A passkey stands for both factors: the device has checked who holds it.
  package func signIn(
    passkey id: [UInt8], clientData: [UInt8], authenticatorData: [UInt8], signature: [UInt8], _ place: Place
  ) async throws -> Outcome {
    try await checkNetwork(place, "passkey")
    let (at, origin) = (now, origin)
    let user = try await directory.file.write { db -> Result<User, Refusal> in
      guard let challenge = try takeChallenge(db, clientData, browser: place.browser, user: nil, at: at) else {
        return .failure(tooLate)
      }
      guard let passkey = try Passkey.find(db, id: id), let user = try User.find(db, id: passkey.user),
        user.suspendedAt == nil
      else { return .failure(.invalid("id", "is no passkey that is known here")) }
      let uses: Int64
      do {
        uses = try Passkey.check(
          clientData: clientData, authenticatorData: authenticatorData,
          .init(type: "webauthn.get", challenge: challenge, origin: origin))
      } catch let wrong as Passkey.Wrong { return .failure(.invalid("client_data", wrong.reason)) }
      guard passkey.verify(signature: signature, clientData: clientData, authenticatorData: authenticatorData) else {
        return .failure(.invalid("signature", "does not hold"))
      }
      // A counter that does not rise is a copy's; many devices keep none.
      guard uses > passkey.uses || (uses == 0 && passkey.uses == 0) else {
        return .failure(.forbidden("This passkey seems to have been copied. Sign in otherwise, and remove it."))
      }
      try db.execute(
        sql: "UPDATE passkeys SET uses = ?, used_at = ? WHERE id = ?", arguments: [uses, at, Data(id)])
      return .success(user)
    }
    return try await begin(try user.get(), place)
  }
}

extension OwnAccount {
  package struct NewPasskey: Sendable {
    package var id: [UInt8]
    package var name: String
    package var publicKey: [UInt8]
    package var algorithm: Int64
    package var clientData: [UInt8]
    package var authenticatorData: [UInt8]

    package init(
      id: [UInt8], name: String, publicKey: [UInt8], algorithm: Int64, clientData: [UInt8], authenticatorData: [UInt8]
    ) {
      (self.id, self.name, self.publicKey) = (id, name, publicKey)
      (self.algorithm, self.clientData, self.authenticatorData) = (algorithm, clientData, authenticatorData)
    }
  }

  /// - Returns: the challenge; what stands for the user on the device; the passkeys there are.
  package func beginPasskey(
    by caller: Caller, _ place: SignIn.Place
  ) async throws -> (challenge: [UInt8], handle: [UInt8], known: [[UInt8]]) {
    let at = signIn.now
    try caller.checkConfirmed(at: at)
    return try await signIn.directory.file.write { db in
      let user = try Self.user(db, caller)
      let challenge = try beginChallenge(db, user: user.id, browser: place.browser, at: at)
      return (challenge, Array(APIKey.digest("user \(user.id)").prefix(16)), try Passkey.all(db, of: user.id).map(\.id))
    }
  }

  package func addPasskey(_ new: NewPasskey, by caller: Caller, _ place: SignIn.Place) async throws -> Passkey {
    let (at, origin, mailing) = (signIn.now, signIn.origin, signIn.mailing)
    try caller.checkConfirmed(at: at)
    guard (1...1_023).contains(new.id.count) else { throw Refusal.invalid("id", "must have 1 to 1,023 bytes") }
    let added = try await signIn.directory.file.write { db -> Passkey in
      let user = try Self.user(db, caller)
      guard let challenge = try takeChallenge(db, new.clientData, browser: place.browser, user: user.id, at: at) else {
        throw tooLate
      }
      let uses: Int64
      do {
        try Passkey.checkKey(new.publicKey, new.algorithm)
        uses = try Passkey.check(
          clientData: new.clientData, authenticatorData: new.authenticatorData,
          .init(type: "webauthn.create", challenge: challenge, origin: origin))
      } catch let wrong as Passkey.Wrong { throw Refusal.invalid("client_data", wrong.reason) }
      guard try Passkey.find(db, id: new.id) == nil else { throw Refusal.conflict("This passkey is here already.") }
      guard try Passkey.all(db, of: user.id).count < Passkey.mostOfUser else {
        throw Refusal.conflict("There may be \(Passkey.mostOfUser) passkeys: remove one first.")
      }
      try db.execute(
        sql:
          "INSERT INTO passkeys (id, user_id, name, public_key, algorithm, uses, added_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [Data(new.id), user.id, new.name, Data(new.publicKey), new.algorithm, uses, at])
      try mailing.notify(
        db, user.email, "A passkey was added", "The passkey “\(new.name)” was added to your account.", at: at)
      try Doing(caller: caller, action: "user.passkey_add", at: at).note(db, "user \(user.id)", detail: new.name)
      guard let passkey = try Passkey.find(db, id: new.id) else { throw tooLate }
      return passkey
    }
    mailing.wake()
    return added
  }

  package func removePasskey(_ id: [UInt8], by caller: Caller) async throws {
    let at = signIn.now
    try caller.checkConfirmed(at: at)
    try await signIn.directory.file.write { db in
      let user = try Self.user(db, caller)
      guard let passkey = try Passkey.find(db, id: id), passkey.user == user.id else {
        throw Refusal.notFound("There is no such passkey.")
      }
      try db.execute(sql: "DELETE FROM passkeys WHERE id = ?", arguments: [Data(id)])
      try Doing(caller: caller, action: "user.passkey_remove", at: at).note(db, "user \(user.id)", detail: passkey.name)
    }
  }
}
