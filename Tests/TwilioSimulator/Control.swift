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
      case ("PUT", "signing"):
        settings.signing = try object(incoming.body).mapValues(Signer.init(json:))
        reply(Answer(status: 200, json: .object([])))
      case ("GET", "rates"):
        // A plus that nobody encoded arrives as a space.
        let sender = incoming.query["from"].map { $0.hasPrefix(" ") ? "+" + $0.dropFirst() : $0 }
        reply(Answer(status: 200, json: arrivals.json(sender: sender)))
      case ("POST", "inbound"): try text(object(incoming.body), reply)
      case ("POST", "callbacks/replay"):
        reply(Answer(status: 202, json: .object([("callbacks", .int(replayCallbacks(sid: incoming.query["sid"])))])))
      default: reply(Answer(.notFound(incoming.rawPath)))
      }
    } catch {
      reply(Answer(TwilioError(400, 0, "\(error)")))
    }
  }

  /// from, to, body; optional account, sid, media (how many), media_urls, delay_ms (then nobody waits for the webhook).
  private func text(_ fields: [String: Any], _ reply: @escaping (Answer) -> Void) throws {
    let media =
      fields["media_urls"] as? [String]
      ?? (0..<Int(number(fields["media"]) ?? 0)).map { ownURL + "/_simulator/media/\($0).png" }
    guard let from = fields["from"] as? String, let to = fields["to"] as? String,
      let body = fields["body"] as? String ?? (media.isEmpty ? nil : "")
    else { throw SettingsError("from, to and body are needed") }
    let account = fields["account"] as? String ?? settings.accounts.keys.sorted().first ?? learned.keys.sorted().first
    guard let account else { throw SettingsError("account: none is known yet") }
    let text = InboundText(
      account: account, person: from, number: to, body: body, media: media, sid: fields["sid"] as? String)
    if let delay = number(fields["delay_ms"]) {
      after(Int(delay)) { self.inbound(text) { _ in } }
      return reply(Answer(status: 202, json: .object([("status", .null), ("result", .string("later"))])))
    }
    inbound(text) { result in
      var status = JSON.null
      if case .answered(let code, _) = result { status = .int(code) }
      reply(Answer(status: 200, json: .object([("status", status), ("result", .string(result.name))])))
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
      ("inbound_answered", count(.inboundAnswered)), ("inbound_lost", count(.inboundLost)),
      ("inbound_fallback", count(.inboundFallback)), ("taps", count(.tap)),
      // The same words to the same person: 1 is what everyone wants.
      ("most_alike", .int(likeness.most)), ("alike", .array(likeness.alike.prefix(20).map { .text($0.to) })),
      // Creates that arrived after the webhook of a STOP was answered.
      (
        "after_stop",
        .array(late.prefix(1000).map { .object([("to", .text($0.parties.to)), ("after_us", .int($0.microseconds))]) })
      ),
      ("max_concurrent_seen", .object(crowds.most.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
      ("pending", .int(pending)),
    ])
  }
}
