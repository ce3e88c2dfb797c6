/// A status report on its way, with what Twilio remembers of the moment it was made.
struct Callback {
  let status: Status
  let code: Int?
  let atMs: Int
  let idempotencyToken: String
  let forged: Bool
}

extension Provider {
  /// Moves a message on and reports it, unless it has come to its end.
  func move(_ message: Message, to status: Status, code: Int? = nil) {
    guard !message.status.isFinal else { return }
    let now = Stamp.now()
    message.status = status
    message.errorCode = code
    message.updatedMs = now
    if status == .sent { message.sentMs = now }
    // What failed never reached a carrier and has no price.
    if status == .delivered || status == .undelivered { message.pricedMs = now + settings.priceDelayMs }
    ledger.append(.status, message.parties, status.rawValue, code: code)
    report(message, status, code)
  }

  private func report(_ message: Message, _ status: Status, _ code: Int?) {
    guard message.callbackURL != nil else { return }
    let callback = Callback(
      status: status, code: code, atMs: Stamp.now(), idempotencyToken: message.draws.uuid(),
      forged: message.draws.hit(settings.faults["bad_signature"] ?? 0))
    if message.draws.hit(settings.drop) {
      return ledger.append(.callbackLost, message.parties, "dropped on purpose: \(status.rawValue)")
    }
    message.history.append(callback)
    for _ in 0..<(message.draws.hit(settings.duplicate) ? 2 : 1) {
      if settings.shuffle {
        after(message.draws.within(0...max(1, settings.callbackDelay.upperBound * 2))) {
          self.call(message, callback) {}
        }
      } else {
        message.line.append(callback)
        if message.line.count == 1 { sendLine(message) }
      }
    }
  }

  private func sendLine(_ message: Message) {
    guard let callback = message.line.first else { return }
    call(message, callback) {
      message.line.removeFirst()
      self.sendLine(message)
    }
  }

  /// Sends every callback so far once more; how many.
  func replayCallbacks(sid: String?) -> Int {
    let chosen = sid.map { messages[$0].map { [$0] } ?? [] } ?? Array(messages.values)
    for message in chosen { for callback in message.history { call(message, callback) {} } }
    return chosen.reduce(0) { $0 + $1.history.count }
  }

  private func call(_ message: Message, _ callback: Callback, then: @escaping () -> Void) {
    guard let url = message.callbackURL else { return then() }
    var form = Form([
      ("MessageSid", message.sid), ("SmsSid", message.sid), ("MessageStatus", callback.status.rawValue),
      ("SmsStatus", callback.status.rawValue), ("AccountSid", message.parties.account),
      ("From", message.parties.from ?? ""), ("To", message.parties.to ?? ""), ("ApiVersion", "2010-04-01"),
    ])
    if let service = message.service { form.fields.append(("MessagingServiceSid", service)) }
    if let code = callback.code { form.fields.append(("ErrorCode", String(code))) }
    if callback.status == .delivered || callback.status == .undelivered {
      form.fields.append(("RawDlrDoneDate", Stamp.receipt(callback.atMs)))
    }
    post(form, to: url, account: message.parties.account, token: callback.idempotencyToken, forged: callback.forged) {
      result in
      if case .answered(let status, _) = result, result.isTaken {
        self.ledger.append(.callback, message.parties, callback.status.rawValue, code: status)
      } else {
        self.ledger.append(.callbackLost, message.parties, "\(callback.status.rawValue): \(result.name)")
      }
      then()
    }
  }
}
