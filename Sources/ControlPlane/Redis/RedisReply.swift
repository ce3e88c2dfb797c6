import CHiredis

/// What Redis answers to one command.
enum RedisReply: Sendable, Equatable {
  case integer(Int64)
  case text(String)
  case list([RedisReply])
  case null
  case error(String)

  var text: String? { if case .text(let value) = self { value } else { nil } }
  var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

  var integers: [Int64]? {
    guard case .list(let values) = self else { return nil }
    let integers = values.compactMap(\.integer)
    return integers.count == values.count ? integers : nil
  }
}

/// How a command ended without an answer that can be used.
enum RedisFailure: Error, Equatable {
  /// No byte of it left this machine: Redis cannot have run it.
  case notSent(String)
  /// It went out and no answer came: Redis may have run it, or may still run it.
  case lost(String)
  /// Redis said no.
  case refused(String)
}

/// A command as Redis reads it: an array of bulk strings.
enum RedisCommandText {
  static func encode(_ words: [String]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words {
      bytes += "$\(word.utf8.count)\r\n".utf8
      bytes += word.utf8
      bytes += "\r\n".utf8
    }
    return bytes
  }
}

/// hiredis's decoder, for one connection. Not safe to share: it lives on its connection's event loop.
final class RedisReplyReader {
  struct Malformed: Error, Equatable {}

  private let reader: UnsafeMutablePointer<redisReader>
  /// Bytes taken in for the reply that is not complete yet.
  private var unfinished = 0
  /// A longer reply ends the connection: our scripts answer a few numbers.
  private static let longestReply = 64 << 10

  init() {
    guard let made = rh_redis_reader() else { preconditionFailure("hiredis could not allocate its reader") }
    reader = made
  }

  deinit { redisReaderFree(reader) }

  /// Takes in what arrived and answers the replies that are complete with it.
  func feed(_ bytes: UnsafeRawBufferPointer) throws -> [RedisReply] {
    guard redisReaderFeed(reader, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count) == REDIS_OK else {
      throw Malformed()
    }
    unfinished += bytes.count
    var replies: [RedisReply] = []
    while let reply = try next() {
      replies.append(reply)
      unfinished = reader.pointee.len - reader.pointee.pos
    }
    guard unfinished <= Self.longestReply else { throw Malformed() }
    return replies
  }

  private func next() throws -> RedisReply? {
    var object: UnsafeMutableRawPointer?
    guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw Malformed() }
    guard let object else { return nil }
    defer { freeReplyObject(object) }
    return try Self.value(object.assumingMemoryBound(to: redisReply.self).pointee)
  }

  private static func value(_ reply: redisReply) throws -> RedisReply {
    switch reply.type {
    case REDIS_REPLY_INTEGER: return .integer(reply.integer)
    case REDIS_REPLY_NIL: return .null
    case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: return .text(text(reply))
    case REDIS_REPLY_ERROR: return .error(text(reply))
    case REDIS_REPLY_ARRAY:
      return .list(
        try UnsafeBufferPointer(start: reply.element, count: reply.elements).map { element in
          guard let element else { throw Malformed() }
          return try value(element.pointee)
        })
    default: throw Malformed()
    }
  }

  private static func text(_ reply: redisReply) -> String {
    String(decoding: UnsafeRawBufferPointer(start: reply.str, count: reply.len), as: UTF8.self)
  }
}
