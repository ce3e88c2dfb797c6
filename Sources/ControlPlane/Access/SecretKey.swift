import Crypto
package import Foundation
import GRDB
import Glibc
import TenantRuntime

/// The node's key: seals what the control file must be able to read back. Given by `ROUNDHOUSE_SECRET_KEY`, else the 32 bytes of `secret.key`
/// (mode 0600), which are made with a new installation alone.
///
/// The control file knows a digest of its key, so that a process with another one is refused before it seals anything.
package struct SecretKey: Sendable {
  private let key: SymmetricKey
  /// Tells keys apart and gives nothing of them away.
  let digest: Data

  private init(_ key: SymmetricKey) {
    self.key = key
    digest = Data(HMAC<SHA256>.authenticationCode(for: Array("roundhouse installation".utf8), using: key))
  }

  /// The key of the data folder `data`, proven against its control file where there is one.
  package static func of(data: String, given: String?) throws -> SecretKey {
    let expected = try digestKnown(in: data)
    let path = "\(data)/secret.key"
    let key: SecretKey
    if let given {
      key = SecretKey(SymmetricKey(data: SHA256.hash(data: Array(given.utf8))))
    } else {
      if expected != nil, !FileManager.default.fileExists(atPath: path) {
        throw ControlFailure(
          "ROUNDHOUSE_SECRET_KEY is not set here and there is no \(path): give the key that this data was made with, or put its file back"
        )
      }
      key = SecretKey(SymmetricKey(data: try readOrMake(path)))
    }
    guard expected == nil || expected == key.digest else {
      let source = given == nil ? path : "ROUNDHOUSE_SECRET_KEY"
      throw ControlFailure("\(source) is not the key that this data was made with: nothing was changed; give that one")
    }
    return key
  }

  /// Once a control file.
  func enter(_ file: SQLiteFile) throws {
    if try file.readNow({ db in try Data.fetchOne(db, sql: "SELECT key_digest FROM installation") }) == digest {
      return
    }
    try file.writeNow { db in
      try db.execute(
        sql: "INSERT INTO installation (id, key_digest) VALUES (1, ?) ON CONFLICT (id) DO NOTHING", arguments: [digest])
      guard try Data.fetchOne(db, sql: "SELECT key_digest FROM installation") == digest else {
        throw ControlFailure("another process has just begun this data with another key; give that one")
      }
    }
  }

  private static func digestKnown(in data: String) throws -> Data? {
    let path = "\(data)/control.sqlite"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try ControlFile.naming(path) {
      try SQLiteFile(reading: path).readNow { db in
        try db.tableExists("installation") ? try Data.fetchOne(db, sql: "SELECT key_digest FROM installation") : nil
      }
    }
  }

  /// Whole on disk under its name, or not there; of two that begin at once one makes it.
  private static func readOrMake(_ path: String) throws -> Data {
    if !FileManager.default.fileExists(atPath: path) {
      let part = "\(path).\(getpid()).part"
      let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
      defer { unlink(part) }
      let descriptor = Glibc.open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      defer { if descriptor >= 0 { close(descriptor) } }
      guard descriptor >= 0, write(descriptor, bytes, 32) == 32, fsync(descriptor) == 0,
        link(part, path) == 0 || errno == EEXIST
      else { throw ControlFailure("\(path) cannot be written; check the folder's rights and space") }
      try ControlFile.sync(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    guard data.count == 32 else {
      throw ControlFailure("\(path) is not a key of 32 bytes; put back the one this data was made with")
    }
    return data
  }

  /// A key for one purpose, which gives nothing of this one away.
  func derived(for purpose: String) -> SymmetricKey {
    SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array("roundhouse \(purpose)".utf8), using: key))
  }

  package func seal(_ bytes: [UInt8]) throws -> Data {
    guard let sealed = try AES.GCM.seal(bytes, using: key).combined else { throw ControlFailure("sealing failed") }
    return sealed
  }

  package func open(_ sealed: Data) throws -> [UInt8] {
    do { return Array(try AES.GCM.open(try AES.GCM.SealedBox(combined: sealed), using: key)) } catch {
      throw ControlFailure("a stored secret cannot be opened: it is damaged, or sealed with another key")
    }
  }
}
