import Crypto
package import Foundation

/// The node's key (`secret.key`, mode 0600, made on first start): seals what the control file must be able to read back.
package struct SecretKey: Sendable {
  private let key: SymmetricKey

  package init(path: String, given: String?) throws {
    if let given {
      key = SymmetricKey(data: SHA256.hash(data: Array(given.utf8)))
      return
    }
    if !FileManager.default.fileExists(atPath: path) {
      let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
      guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
      else {
        throw ControlFailure("\(path) cannot be written; check the folder's rights")
      }
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    guard data.count == 32 else {
      throw ControlFailure("\(path) is not a key of 32 bytes; restore the one this data was made with")
    }
    key = SymmetricKey(data: data)
  }

  package func seal(_ bytes: [UInt8]) throws -> Data {
    guard let sealed = try AES.GCM.seal(bytes, using: key).combined else { throw ControlFailure("sealing failed") }
    return sealed
  }

  package func open(_ sealed: Data) throws -> [UInt8] {
    do { return Array(try AES.GCM.open(try AES.GCM.SealedBox(combined: sealed), using: key)) } catch {
      throw ControlFailure("a stored secret cannot be opened: secret.key is not the one this data was made with")
    }
  }
}

/// Something an operator must read: what happened and what to do.
package struct ControlFailure: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
