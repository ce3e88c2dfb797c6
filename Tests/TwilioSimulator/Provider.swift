import Foundation
import NIOCore

/// The provider's state. Everything is touched on its one event loop only.
final class Provider: @unchecked Sendable {
  let loop: any EventLoop
  let caller: Caller
  var settings: Settings
  var ledger = Ledger()
  /// Everything scheduled or in flight; nothing moves any more at zero.
  var pending = 0
  /// Without `--account`, the token with which an account came first.
  var learned: [String: String] = [:]
  /// Where this program is reached, for the media it serves.
  var ownURL = ""

  private(set) var messages: [String: Message] = [:]
  private(set) var ofAccount: [String: [Message]] = [:]
  var requestsOf: [String: Int] = [:]
  var likeness = Likeness()
  var arrivals = Arrivals()
  var queues = SenderQueues()
  var crowds = Crowds()
  /// Service and person → the number that this person is texted from.
  var sticky: [String: String] = [:]
  var optedOut: Set<String> = []
  /// Sender and person → when the webhook of the STOP was answered.
  var stopAnswered: [String: Int] = [:]
  /// Creates that arrived after a STOP was answered, and how long after.
  var late: [(parties: Parties, microseconds: Int)] = []

  init(loop: any EventLoop, settings: Settings) {
    self.loop = loop
    self.settings = settings
    caller = Caller(loop: loop)
  }

  func after(_ milliseconds: Int, _ work: @escaping () -> Void) {
    pending += 1
    _ = loop.assumeIsolated()
      .scheduleTask(in: .milliseconds(Int64(milliseconds))) {
        self.pending -= 1
        work()
      }
  }

  /// The key of everything that holds between a sender (number or service) and a person.
  static func pair(_ sender: String, _ person: String) -> String { sender + " " + person }

  func keep(_ message: Message) {
    messages[message.sid] = message
    message.index = ofAccount[message.parties.account]?.count ?? 0
    message.unlisted = message.draws.hit(settings.listGap)
    ofAccount[message.parties.account, default: []].append(message)
  }
}

/// The same words to the same person: once is what everyone wants.
struct Likeness {
  private var texts: [Int: Int] = [:]  // hash of person and body → messages created
  private(set) var most = 0
  private(set) var alike: [Parties] = []

  mutating func note(_ parties: Parties) {
    var hash = Hasher()
    hash.combine(parties.to)
    hash.combine(parties.body)
    let key = hash.finalize()
    let count = (texts[key] ?? 0) + 1
    texts[key] = count
    most = max(most, count)
    if count > 1 { alike.append(parties) }
  }
}

/// Requests of an account at the same time: from their arrival until their answer is written.
struct Crowds {
  private var now: [String: Int] = [:]
  private(set) var most: [String: Int] = [:]

  /// How many there are with this one.
  mutating func enter(_ account: String) -> Int {
    let count = (now[account] ?? 0) + 1
    now[account] = count
    most[account] = max(most[account] ?? 0, count)
    return count
  }

  mutating func leave(_ account: String) { now[account, default: 1] -= 1 }
}
