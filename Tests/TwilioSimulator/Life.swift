import Foundation
import NIOCore

/// What becomes of a message, and what people do about it.
extension Provider {
  func live(_ message: Message) {
    guard message.status != .scheduled || message.createdMs < Stamp.now() - 1000 else { return }
    let wait = waitInQueue(message)
    if let service = message.service {
      let pool = settings.pools[service] ?? ["+15005550006"]
      let person = message.parties.to ?? ""
      // Sticky: a person is always texted from the same number.
      message.parties.from = pool[Int(person.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) }) % pool.count]
      after(message.draws.within(settings.callbackDelay)) { self.move(message, to: .queued) }
    }
    if wait > message.validitySeconds * 1000 {
      return after(message.validitySeconds * 1000) { self.move(message, to: .failed, code: 30036) }
    }
    let people = settings.people
    var roll = message.draws.share()
    func chosen(_ codes: [(code: Int, share: Double)]) -> Int? {
      for (code, share) in codes {
        if roll < share { return code }
        roll -= share
      }
      return nil
    }
    let failed = chosen(people.failed)
    let undelivered = failed == nil ? message.fatedCode ?? chosen(people.undelivered) : nil
    let sentAt = wait + message.draws.within(settings.callbackDelay) * (message.service == nil ? 1 : 2)
    let finalAt = sentAt + message.draws.within(settings.callbackDelay)
    if let failed { return after(sentAt) { self.move(message, to: .failed, code: failed) } }
    after(sentAt) { self.move(message, to: .sent) }
    if let undelivered { return after(finalAt) { self.move(message, to: .undelivered, code: undelivered) } }
    guard roll < people.delivered else { return }
    after(finalAt) {
      self.move(message, to: .delivered)
      self.react(message)
    }
  }

  private func react(_ message: Message) {
    let people = settings.people
    guard let sender = message.parties.from, let person = message.parties.to else { return }
    let account = message.parties.account
    func text(_ body: String, delay: Int) {
      after(delay) { self.inbound(account: account, from: person, to: sender, body: body) { _ in } }
    }
    if message.draws.hit(people.stop) {
      let delay = message.draws.within(settings.replyDelay)
      text(message.draws.one(of: ["STOP", "Stop", "stop ", "UNSUBSCRIBE", "Quit"]), delay: delay)
      if message.draws.hit(people.startAfterStop) { text("START", delay: delay + settings.replyDelay.upperBound) }
      return
    }
    if message.draws.hit(people.reply) {
      let body = message.draws.one(of: [
        "Thanks!", "Who is this?", "Is this still on tomorrow?", "👍", "Call me please, à bientôt",
      ])
      text(body, delay: message.draws.within(settings.replyDelay))
    }
    guard let link = Self.link(in: message.parties.body ?? "") else { return }
    if message.draws.hit(people.botTap) {
      let bot = message.draws.one(of: Self.bots)
      after(message.draws.within(0...min(1500, settings.tapDelay.lowerBound))) { self.tap(link, bot, message.parties) }
    }
    if message.draws.hit(people.tap) {
      let phone = message.draws.one(of: Self.phones)
      after(message.draws.within(settings.tapDelay)) { self.tap(link, phone, message.parties) }
    }
  }

  private static let phones = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-S921U) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
  ]
  private static let bots = [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "WhatsApp/2.23.20.0", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "BarracudaCentral/1.0", "",
  ]

  static func link(in body: String) -> String? {
    guard let start = body.range(of: "https://") ?? body.range(of: "http://") else { return nil }
    let url = body[start.lowerBound...].prefix { !$0.isWhitespace }
    return String(url.reversed().drop { ".,;:!?)".contains($0) }.reversed())
  }

  /// Opens a link as a phone or a preview would.
  func tap(_ link: String, _ agent: String, _ parties: Parties) {
    let isPhone = Self.phones.contains(agent)
    var headers = [("Accept", "text/html,*/*")]
    if !agent.isEmpty { headers.append(("User-Agent", agent)) }
    if isPhone {
      headers += [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Site", "none")]
    }
    pending += 1
    caller.send(OutgoingCall(method: "GET", url: link, via: settings.tapVia, headers: headers)) { result in
      self.pending -= 1
      if case .answered(let status, _) = result {
        self.ledger.append(.tap, parties, isPhone ? "person" : "bot", code: status)
      } else {
        self.ledger.append(.tap, parties, (isPhone ? "person: " : "bot: ") + result.name)
      }
    }
  }

  // MARK: Texts from people

  private static let stopWords: Set = ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"]
  private static let startWords: Set = ["start", "yes", "unstop"]
  private static let helpWords: Set = ["help", "info"]

  /// A person texts a number: the keyword rules first, then the signed webhook; the completion hears how that went.
  func inbound(
    account: String, from person: String, to number: String, body: String, completion: @escaping (CallResult) -> Void
  ) {
    var draws = Draws(seed: settings.seed, person: person + body, ordinal: ledger.entries.count)
    let word = body.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
    let sid = "SM" + draws.hex32()
    let parties = Parties(account: account, sid: sid, from: person, to: number, body: body)
    let service = settings.pools.first { $0.value.contains(number) }?.key
    let stops = Self.stopWords.contains(word)
    for sender in [number, service].compactMap({ $0 }) {
      if stops { setOptedOut(sender, person, true) }
      if Self.startWords.contains(word) { setOptedOut(sender, person, false) }
    }
    let message = Message(
      parties: parties, sid: sid, service: service, direction: "inbound", segments: Segments.count(body), media: 0,
      nowMs: Stamp.now(), callbackURL: nil, validitySeconds: 36000, status: .received, draws: draws)
    keep(message)
    ledger.append(.inbound, parties)
    if let reply = Self.autoReply(word, tollFree: Self.isTollFree(number)) { answer(parties, reply, &draws) }

    guard let url = settings.inboundURLs[account] ?? settings.inboundURLs[""] else {
      ledger.append(.inboundLost, parties, "no webhook is set")
      return completion(.notConnected)
    }
    var form = Form([
      ("MessageSid", sid), ("SmsSid", sid), ("SmsMessageSid", sid), ("AccountSid", account), ("From", person),
      ("To", number),
      ("Body", body), ("NumMedia", "0"), ("NumSegments", String(message.segments)), ("SmsStatus", "received"),
      ("ApiVersion", "2010-04-01"), ("FromCity", "SAN FRANCISCO"), ("FromState", "CA"), ("FromZip", "94105"),
      ("FromCountry", "US"), ("ToCity", ""), ("ToState", ""), ("ToZip", ""), ("ToCountry", "US"),
    ])
    if let service { form.fields.append(("MessagingServiceSid", service)) }
    post(form, to: url, account: account, token: draws.uuid()) { result in
      if case .answered(let status, _) = result, status < 300 {
        self.ledger.append(.inboundAnswered, parties, code: status)
        if stops { self.stopAnswered[Self.pair(number, person)] = Stamp.microseconds() }
      } else {
        self.ledger.append(.inboundLost, parties, result.name)
      }
      completion(result)
    }
  }

  private static func isTollFree(_ number: String) -> Bool {
    ["+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"].contains { number.hasPrefix($0) }
  }

  private static func autoReply(_ word: String, tollFree: Bool) -> String? {
    if stopWords.contains(word) {
      return tollFree
        ? "NETWORK MSG: You replied with the word \"stop\" which blocks all texts sent from this number. Text back \"unstop\" to receive messages again."
        : "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
    }
    if startWords.contains(word) {
      return tollFree
        ? "NETWORK MSG: You have replied \"unstop\" and will begin receiving messages again from this number."
        : "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    }
    return helpWords.contains(word) ? "Reply STOP to unsubscribe. Msg&Data Rates May Apply." : nil
  }

  private func answer(_ parties: Parties, _ body: String, _ draws: inout Draws) {
    let sid = "SM" + draws.hex32()
    let reply = Parties(account: parties.account, sid: sid, from: parties.to, to: parties.from, body: body)
    let message = Message(
      parties: reply, sid: sid, service: nil, direction: "outbound-reply", segments: Segments.count(body), media: 0,
      nowMs: Stamp.now(), callbackURL: nil, validitySeconds: 36000, status: .delivered, draws: draws)
    keep(message)
    ledger.append(.autoReply, reply)
  }
}
