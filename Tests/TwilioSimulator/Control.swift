import Foundation

/// `/_simulator/…`: how tests and the demo steer the provider and read its ledger.
extension Provider {
  func control(_ incoming: Incoming, _ reply: @escaping (Answer) -> Void) {
    do {
      switch (incoming.method, incoming.path.dropFirst().joined(separator: "/")) {
      case ("GET", "ledger"):
        let kind = try incoming.query["type"]
          .map { name in
            guard let kind = Ledger.Kind(rawValue: name) else { throw SettingsError("type: unknown \(name)") }
            return kind
          }
        let after = incoming.query["after"].flatMap { Int($0) } ?? 0
        reply(Answer(status: 200, json: ledger.page(after: after, kind: kind, limit: 10_000)))
      case ("GET", "summary"): reply(Answer(status: 200, json: summary))
      case ("GET", "idle"):
        reply(Answer(status: pending == 0 ? 200 : 202, json: .object([("pending", .int(pending))])))
      case ("PUT", "faults"):
        settings = try settings.replacingFaults(object(incoming.body))
        reply(Answer(status: 200, json: .object([])))
      case ("PUT", "people"):
        settings.people = try People(json: Data(incoming.body))
        reply(Answer(status: 200, json: .object([])))
      case ("POST", "inbound"):
        let fields = try object(incoming.body)
        guard let from = fields["from"] as? String, let to = fields["to"] as? String,
          let body = fields["body"] as? String
        else { throw SettingsError("from, to and body are needed") }
        let account =
          fields["account"] as? String ?? settings.accounts.keys.sorted().first ?? learned.keys.sorted().first
        guard let account else { throw SettingsError("account: none is known yet") }
        inbound(account: account, from: from, to: to, body: body) { result in
          var status = JSON.null
          if case .answered(let code, _) = result { status = .int(code) }
          reply(Answer(status: 200, json: .object([("status", status), ("result", .string(result.name))])))
        }
      case ("POST", "callbacks/replay"):
        reply(Answer(status: 202, json: .object([("callbacks", .int(replayCallbacks(sid: incoming.query["sid"])))])))
      default: reply(Answer(.notFound(incoming.rawPath)))
      }
    } catch {
      reply(Answer(TwilioError(400, 0, "\(error)")))
    }
  }

  private func object(_ body: [UInt8]) throws -> [String: Any] {
    guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else {
      throw SettingsError("a JSON object is needed")
    }
    return object
  }

  private var summary: JSON {
    func count(_ kind: Ledger.Kind) -> JSON { .int(ledger.counts[kind] ?? 0) }
    var states: [String: Int] = [:]
    for message in messages.values where message.direction == "outbound-api" {
      states[message.status.rawValue, default: 0] += 1
    }
    return .object([
      ("requests", count(.request)), ("created", count(.created)), ("refused", count(.refused)),
      ("faults", count(.fault)),
      ("statuses", .object(states.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
      ("callbacks", count(.callback)), ("callbacks_lost", count(.callbackLost)), ("inbound", count(.inbound)),
      ("inbound_answered", count(.inboundAnswered)), ("inbound_lost", count(.inboundLost)), ("taps", count(.tap)),
      // The same words to the same person: 1 is what everyone wants.
      ("most_alike", .int(mostAlike)), ("alike", .array(alike.prefix(20).map { .text($0.to) })),
      // Creates that arrived after the webhook of a STOP was answered.
      (
        "after_stop",
        .array(late.prefix(1000).map { .object([("to", .text($0.parties.to)), ("after_us", .int($0.microseconds))]) })
      ),
      ("pending", .int(pending)),
    ])
  }
}
