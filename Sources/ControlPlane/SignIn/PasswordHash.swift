import CScrypt
import Dispatch
import Foundation
import Synchronization
import TenantRuntime

/// A password as it is kept: `scrypt$LOG2N$R$P$SALT$HASH`, salt and hash in Base64. Costs as OWASP has them: 128 MB and some 0.4 s each.
struct PasswordHash: Sendable, Equatable {
  struct Costs: Sendable, Equatable {
    var log2N = 17
    var r = 8
    var p = 1
  }

  private static let bytes = 32
  private static let mostMemory: UInt64 = 1 << 30

  let costs: Costs
  let salt: [UInt8]
  let hash: [UInt8]

  init(_ password: String, costs: Costs = Costs(), salt: [UInt8] = (0..<16).map { _ in .random(in: 0...255) }) throws {
    (self.costs, self.salt) = (costs, salt)
    // Two ways of writing one letter are one password.
    let bytes = Array(password.precomposedStringWithCompatibilityMapping.utf8)
    var derived = [UInt8](repeating: 0, count: Self.bytes)
    let made = bytes.withUnsafeBufferPointer { password in
      password.withMemoryRebound(to: CChar.self) { password in
        EVP_PBE_scrypt(
          password.baseAddress, password.count, salt, salt.count, UInt64(1) << UInt64(costs.log2N), UInt64(costs.r),
          UInt64(costs.p), Self.mostMemory, &derived, derived.count)
      }
    }
    guard made == 1 else { throw ControlFailure("a password cannot be hashed; is there memory left?") }
    hash = derived
  }

  /// Of no password.
  init(costs: Costs) {
    self.costs = costs
    salt = (0..<16).map { _ in .random(in: 0...255) }
    hash = (0..<32).map { _ in .random(in: 0...255) }
  }

  init?(stored text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 6, parts[0] == "scrypt", let log2N = Int(parts[1]), let r = Int(parts[2]),
      let p = Int(parts[3]),
      (1...20).contains(log2N), (1...32).contains(r), (1...8).contains(p),
      let salt = Data(base64Encoded: parts[4]), let hash = Data(base64Encoded: parts[5])
    else { return nil }
    costs = Costs(log2N: log2N, r: r, p: p)
    (self.salt, self.hash) = (Array(salt), Array(hash))
  }

  var stored: String {
    let parts = [costs.log2N, costs.r, costs.p].map(String.init)
    return (["scrypt"] + parts + [Data(salt).base64EncodedString(), Data(hash).base64EncodedString()]).joined(
      separator: "$")
  }

  func matches(_ password: String) throws -> Bool {
    constantTimeEqual(try PasswordHash(password, costs: costs, salt: salt).hash, hash)
  }
}

/// Hashes on threads of its own, two at a time: each takes 128 MB, and nobody's password holds up anything else.
final class PasswordHasher: Sendable {
  private let queues = [DispatchQueue(label: "passwords.1"), DispatchQueue(label: "passwords.2")]
  private let waiting = Mutex<[Int]>([0, 0])
  private static let mostWaiting = 20
  /// What the passwords of nobody are compared with: it takes the same time.
  private let nobody: PasswordHash
  let costs: PasswordHash.Costs

  init(costs: PasswordHash.Costs = .init()) {
    self.costs = costs
    nobody = PasswordHash(costs: costs)
  }

  func hash(_ password: String) async throws -> PasswordHash {
    let costs = costs
    return try await run { try PasswordHash(password, costs: costs) }
  }

  /// - Parameter stored: nil: nobody has the address, or no password; false after the same work.
  func matches(_ password: String, _ stored: String?) async throws -> Bool {
    let known = stored.flatMap(PasswordHash.init(stored:))
    let compared = known ?? nobody
    let isRight = try await run { try compared.matches(password) }
    return isRight && known != nil
  }

  private func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    let chosen: Int? = waiting.withLock { waiting in
      let index = waiting[0] <= waiting[1] ? 0 : 1
      guard waiting[index] < Self.mostWaiting else { return nil }
      waiting[index] += 1
      return index
    }
    guard let chosen else { throw Refusal.tooMany(retryAfterSeconds: 10) }
    defer { waiting.withLock { $0[chosen] -= 1 } }
    return try await withCheckedThrowingContinuation { done in
      queues[chosen].async { done.resume(with: Result { try body() }) }
    }
  }
}
