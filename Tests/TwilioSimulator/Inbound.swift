import Foundation

/// What a person sends to a number.
struct InboundText {
  let account: String
  let person: String
  let number: String
  var body = ""
  var media: [String] = []
  /// Set to play the same event again.
  var sid: String?
}

extension Provider {
  /// The keyword rules first, then the signed webhook; the completion hears how that went.
  func inbound(_ text: InboundText, completion: @escaping (CallResult) -> Void) {
    var draws = Draws(seed: settings.seed, person: text.person + text.body, ordinal: ledger.entries.count)
    let sid = text.sid ?? (text.media.isEmpty ? "SM" : "MM") + draws.hex32()
    // One event has one token, however often it comes.
    var ofEvent = Draws(seed: settings.seed, person: sid, ordinal: 0)
    let token = ofEvent.uuid()
    let parties = Parties(account: text.account, sid: sid, from: text.person, to: text.number, body: text.body)
    let service = service(of: text.number)
    let type = OptOutType(body: text.body, custom: service.flatMap { settings.advancedOptOut[$0] } ?? [])
    let senders = senders(behind: text.number, service)
    let again = messages[sid] != nil
    if !again {
      keep(
        Message(
          parties: parties, sid: sid, service: service, direction: "inbound", segments: Segments.count(text.body),
          media: text.media.count, nowMs: Stamp.now(), callbackURL: nil, validitySeconds: 36000, status: .received,
          draws: draws))
      ledger.append(.inbound, parties)
      if let service, sticky[Self.pair(service, text.person)] == nil {
        sticky[Self.pair(service, text.person)] = text.number
      }
      if let type { obey(type, parties, senders, &draws) }
    }

    guard let url = settings.inboundURLs[text.account] ?? settings.inboundURLs[""] else {
      ledger.append(.inboundLost, parties, "no webhook is set")
      return completion(.notConnected)
    }
    let form = form(text, sid, service, type)
    func answered(_ kind: Ledger.Kind, _ status: Int, _ detail: String) {
      ledger.append(kind, parties, detail, code: status)
      guard type == .stop, !again else { return }
      for sender in senders { stopAnswered[Self.pair(sender, text.person)] = Stamp.microseconds() }
    }
    post(form, to: url, account: text.account, token: token) { result in
      if case .answered(let status, _) = result, result.isTaken {
        answered(.inboundAnswered, status, again ? "again" : "")
        return completion(result)
      }
      guard let fallback = self.settings.fallbackURLs[text.account] ?? self.settings.fallbackURLs[""] else {
        self.ledger.append(.inboundLost, parties, result.name)
        return completion(result)
      }
      var form = form
      var error = "11205"  // No answer at all; 11200 is an answer that says no.
      if case .answered = result { error = "11200" }
      form.fields += [("ErrorCode", error), ("ErrorUrl", String(url.prefix { $0 != "#" }))]
      self.post(form, to: fallback, account: text.account, token: token) { result in
        if case .answered(let status, _) = result, result.isTaken {
          answered(.inboundFallback, status, error)
        } else {
          self.ledger.append(.inboundLost, parties, "fallback after \(error): \(result.name)")
        }
        completion(result)
      }
    }
  }

  private func form(_ text: InboundText, _ sid: String, _ service: String?, _ type: OptOutType?) -> Form {
    var form = Form([
      ("MessageSid", sid), ("SmsSid", sid), ("SmsMessageSid", sid), ("AccountSid", text.account),
      ("From", text.person), ("To", text.number), ("Body", text.body), ("NumMedia", String(text.media.count)),
      ("NumSegments", String(Segments.count(text.body))), ("SmsStatus", "received"), ("ApiVersion", "2010-04-01"),
      ("FromCity", "SAN FRANCISCO"), ("FromState", "CA"), ("FromZip", "94105"), ("FromCountry", "US"),
      ("ToCity", ""), ("ToState", ""), ("ToZip", ""), ("ToCountry", "US"),
    ])
    for (index, url) in text.media.enumerated() {
      form.fields += [("MediaUrl\(index)", url), ("MediaContentType\(index)", "image/png")]
    }
    if let service {
      form.fields.append(("MessagingServiceSid", service))
      if let type, settings.advancedOptOut[service] != nil { form.fields.append(("OptOutType", type.rawValue)) }
    }
    return form
  }
}
