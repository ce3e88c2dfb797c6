import Foundation

/// The keywords, whom they block, and what the provider answers by itself.
enum OptOutType: String {
  case stop = "STOP"
  case start = "START"
  case help = "HELP"

  private static let stopWords: Set = ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"]
  private static let startWords: Set = ["start", "yes", "unstop"]
  private static let helpWords: Set = ["help", "info"]

  /// The whole body counts; words beside a keyword make it an ordinary text.
  init?(body: String, custom: Set<String>) {
    let word = body.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
    if Self.stopWords.contains(word) || custom.contains(word) {
      self = .stop
    } else if Self.startWords.contains(word) {
      self = .start
    } else if Self.helpWords.contains(word) {
      self = .help
    } else {
      return nil
    }
  }

  func reply(tollFree: Bool) -> String {
    switch (self, tollFree) {
    case (.stop, true):
      "NETWORK MSG: You replied with the word \"stop\" which blocks all texts sent from this number. Text back \"unstop\" to receive messages again."
    case (.stop, false):
      "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
    case (.start, true):
      "NETWORK MSG: You have replied \"unstop\" and will begin receiving messages again from this number."
    case (.start, false):
      "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    case (.help, _): "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    }
  }
}

extension Provider {
  func service(of number: String) -> String? { settings.pools.first { $0.value.contains(number) }?.key }

  /// The senders that a keyword to this number is about: the number and its service, and with Advanced Opt-Out every
  /// number of the service.
  func senders(behind number: String, _ service: String?) -> [String] {
    guard let service else { return [number] }
    guard settings.advancedOptOut[service] != nil else { return [number, service] }
    return (settings.pools[service] ?? []) + [service]
  }

  /// Blocks or unblocks, and answers the person; whether a webhook has to say it, too, is the caller's matter.
  func obey(_ type: OptOutType, _ parties: Parties, _ senders: [String], _ draws: inout Draws) {
    let person = parties.from ?? ""
    let number = parties.to ?? ""
    let tollFree = ["+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"].contains { number.hasPrefix($0) }
    // The network lets nothing through to one who stopped a toll-free number.
    if type == .help, tollFree, optedOut.contains(Self.pair(number, person)) { return }
    for pair in senders.map({ Self.pair($0, person) }) {
      if type == .stop { optedOut.insert(pair) }
      if type == .start {
        optedOut.remove(pair)
        stopAnswered[pair] = nil
      }
    }
    let body = type.reply(tollFree: tollFree)
    let sid = "SM" + draws.hex32()
    let reply = Parties(account: parties.account, sid: sid, from: number, to: person, body: body)
    keep(
      Message(
        parties: reply, sid: sid, service: nil, direction: "outbound-reply", segments: Segments.count(body), media: 0,
        nowMs: Stamp.now(), callbackURL: nil, validitySeconds: 36000, status: .delivered, draws: draws))
    ledger.append(.autoReply, reply)
  }
}
