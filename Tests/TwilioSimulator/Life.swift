import Foundation
import NIOCore

/// What becomes of a message, and what people do about it.
extension Provider {
  func live(_ message: Message, _ place: SenderQueues.Place) {
    var wait = 0
    if message.service != nil {
      after(message.draws.within(settings.callbackDelay)) { self.move(message, to: .queued) }
    }
    switch place {
    case .leaves(let afterMs): wait = afterMs
    case .expires(let afterMs): return after(afterMs) { self.move(message, to: .failed, code: 30036) }
    case .full:
      return after(settings.callbackDelay.upperBound * 2) { self.move(message, to: .failed, code: 30001) }
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
    let receipt = undelivered != nil || roll < people.delivered
    after(sentAt) {
      self.move(message, to: .sent)
      // Some carriers send no receipt: `sent` is the end then, and is charged.
      if !receipt { message.pricedMs = Stamp.now() + self.settings.priceDelayMs }
    }
    if let undelivered { return after(finalAt) { self.move(message, to: .undelivered, code: undelivered) } }
    guard receipt else { return }
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
      after(delay) {
        self.inbound(InboundText(account: account, person: person, number: sender, body: body)) { _ in }
      }
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
    // A phone's browser says what it reads and in which language; a preview takes anything.
    let accepts = isPhone ? "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" : "text/html,*/*"
    var headers = [("Accept", accepts)]
    if !agent.isEmpty { headers.append(("User-Agent", agent)) }
    if isPhone {
      headers.append(("Accept-Language", "en-US,en;q=0.9"))
      headers += [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Site", "none")]
    }
    pending += 1
    caller.send(OutgoingCall(method: "GET", url: link, via: settings.tapVia, headers: headers)) { result, _ in
      self.pending -= 1
      if case .answered(let status, _) = result {
        self.ledger.append(.tap, parties, isPhone ? "person" : "bot", code: status)
      } else {
        self.ledger.append(.tap, parties, (isPhone ? "person: " : "bot: ") + result.name)
      }
    }
  }
}
