import Crypto

/// A Lua script, which Redis runs as one step. Each of ours touches one key, so that it works in a cluster.
struct RedisScript: Sendable {
  private let text: String
  private let digest: String

  init(_ text: String) {
    self.text = text
    digest = Insecure.SHA1.hash(data: Array(text.utf8)).map { byte in
      let hex = String(byte, radix: 16)
      return hex.count == 1 ? "0" + hex : hex
    }.joined()
  }

  /// Sends the script's digest; its text only when Redis does not know it (a restart, `SCRIPT FLUSH`), in which case it has run
  /// nothing yet.
  func run(_ redis: RedisClient, key: String, _ arguments: [String]) async throws(RedisFailure) -> RedisReply {
    do {
      return try await redis.call(["EVALSHA", digest, "1", key] + arguments)
    } catch .refused(let reason) where reason.hasPrefix("NOSCRIPT") {
      return try await redis.call(["EVAL", text, "1", key] + arguments)
    }
  }
}
