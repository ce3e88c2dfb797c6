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

  private(set) var messages: [String: Message] = [:]
  private var ofAccount: [String: [Message]] = [:]
  private var requestsOf: [String: Int] = [:]
  private var texts: [Int: Int] = [:]  // hash of person and body → messages created
  private(set) var mostAlike = 0
  private(set) var alike: [Parties] = []
  private var optedOut: Set<String> = []
  /// Sender and person → when the webhook of the STOP was answered.
  var stopAnswered: [String: Int] = [:]
  /// Creates that arrived after a STOP was answered, and how long after.
  private(set) var late: [(parties: Parties, microseconds: Int)] = []
  private var queueEndsMs: [String: Double] = [:]
  private(set) var concurrent: [String: Int] = [:]

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

  static func pair(_ sender: String, _ person: String) -> String { sender + " " + person }

  func setOptedOut(_ sender: String, _ person: String, _ out: Bool) {
    let pair = Self.pair(sender, person)
    if out {
      optedOut.insert(pair)
    } else {
      optedOut.remove(pair)
      stopAnswered[pair] = nil
    }
  }

  // MARK: Create

  func create(_ account: String, _ form: Form, reused: Bool) -> Answer {
    let parties = Parties(
      account: account, sid: nil, from: form["From"] ?? form["MessagingServiceSid"], to: form["To"], body: form["Body"])
    ledger.append(.request, parties)
    let person = form["To"] ?? ""
    if let from = parties.from, let at = stopAnswered[Self.pair(from, person)] {
      late.append((parties, Stamp.microseconds() - at))
    }
    requestsOf[person, default: 0] += 1
    var draws = Draws(seed: settings.seed, person: person, ordinal: requestsOf[person] ?? 0)

    concurrent[account, default: 0] += 1
    let running = concurrent[account] ?? 0
    func leave(_ answer: Answer) -> Answer {
      var answer = answer
      answer.concurrent = running
      answer.delayMs += settings.latencyMs
      answer.whenWritten = { self.concurrent[account, default: 1] -= 1 }
      return answer
    }
    if let most = settings.maxConcurrent, running > most {
      ledger.append(.refused, parties, code: 20429)
      return leave(Answer(TwilioError(code: 20429)))
    }

    let fault = drawFault(&draws, reused: reused)
    if let fault { ledger.append(.fault, parties, fault) }
    switch fault {
    case "drop_reused", "drop_before": return leave(Answer(status: 0, ending: .drop))
    case "429": return leave(Answer(TwilioError(code: 20429)))
    case "503_before": return leave(Answer(TwilioError(503, 20503, "Service unavailable")))
    case let code? where Int(code).map { $0 < 30000 } ?? false:
      let code = Int(code) ?? 0
      ledger.append(.refused, parties, code: code)
      return leave(Answer(TwilioError(code: code)))
    default: break
    }

    let message: Message
    do {
      message = try accept(CreateMessage(form, nowMs: Stamp.now()), account, draws)
    } catch let error as TwilioError {
      ledger.append(.refused, parties, code: error.code)
      return leave(Answer(error))
    } catch {
      return leave(Answer(TwilioError(500, 20500, "\(error)")))
    }
    message.fatedCode = fault.flatMap { Int($0) }
    live(message)

    var answer = Answer(status: 201, json: message.json(Stamp.now()))
    switch fault {
    case "drop_after": answer.ending = .drop
    case "reset_mid_body": answer.ending = .midBody
    case "500_after": answer = Answer(TwilioError(500, 20500, "Internal server error"))
    case "slow": answer.delayMs = settings.slowMs
    default: break
    }
    return leave(answer)
  }

  private func drawFault(_ draws: inout Draws, reused: Bool) -> String? {
    guard !settings.faults.isEmpty else { return nil }
    for kind in Fault.kinds + settings.faults.keys.filter({ Int($0) != nil && $0 != "429" }).sorted()
    where kind != "bad_signature" {
      if draws.hit(settings.faults[kind] ?? 0), kind != "drop_reused" || reused { return kind }
    }
    return nil
  }

  private func accept(_ create: CreateMessage, _ account: String, _ draws: Draws) throws -> Message {
    var draws = draws
    let sender = create.service ?? create.from ?? ""
    if optedOut.contains(Self.pair(sender, create.to)) { throw TwilioError(code: 21610) }
    let segments = Segments.count(create.body)
    if let mps = settings.mps, create.service == nil, create.sendAtMs == nil {
      let wait = (queueEndsMs[sender] ?? 0) - Double(Stamp.now())
      if wait / 1000 * mps > 36000 * mps { throw TwilioError(code: 21611) }
    }
    let sid = (create.media > 0 ? "MM" : "SM") + draws.hex32()
    let status: Status = create.sendAtMs != nil ? .scheduled : create.service != nil ? .accepted : .queued
    let message = Message(
      parties: Parties(account: account, sid: sid, from: create.from, to: create.to, body: create.body), sid: sid,
      service: create.service, direction: "outbound-api", segments: segments, media: create.media, nowMs: Stamp.now(),
      callbackURL: create.callback, validitySeconds: create.validitySeconds, status: status, draws: draws)
    keep(message)
    ledger.append(.created, message.parties, status.rawValue)
    var hash = Hasher()
    hash.combine(create.to)
    hash.combine(create.body)
    let count = (texts[hash.finalize()] ?? 0) + 1
    texts[hash.finalize()] = count
    mostAlike = max(mostAlike, count)
    if count > 1 { alike.append(message.parties) }
    if let sendAt = create.sendAtMs {
      after(sendAt - Stamp.now()) { if message.status == .scheduled { self.live(message) } }
    }
    return message
  }

  func keep(_ message: Message) {
    messages[message.sid] = message
    message.index = ofAccount[message.parties.account]?.count ?? 0
    ofAccount[message.parties.account, default: []].append(message)
  }

  /// Milliseconds until the sender's queue has worked off what is before this message.
  func waitInQueue(_ message: Message) -> Int {
    guard let mps = settings.mps else { return 0 }
    let sender = message.service ?? message.parties.from ?? ""
    let now = Double(Stamp.now())
    let start = max(now, queueEndsMs[sender] ?? 0)
    queueEndsMs[sender] = start + Double(message.segments) * 1000 / mps
    return Int(start - now)
  }

  // MARK: Read, cancel, delete

  func find(_ account: String, _ sid: String) -> Message? {
    guard let message = messages[sid], message.parties.account == account, !message.deleted else { return nil }
    return message
  }

  /// `Status=canceled` takes back what is scheduled; `Body=` (empty) redacts.
  func update(_ message: Message, _ form: Form) -> Answer {
    if form["Status"] == "canceled" {
      guard message.status == .scheduled || message.status == .accepted || message.status == .queued else {
        return Answer(TwilioError(400, 30409, "Message already sent; it can not be canceled"))
      }
      move(message, to: .canceled)
    } else if form["Body"] == "" {
      guard message.status.isFinal else { return Answer(TwilioError(400, 20009, "Message is not finished")) }
      message.parties.body = ""
    }
    return Answer(status: 200, json: message.json(Stamp.now()))
  }

  /// Newest first; filters on exact numbers and the day sent. Lags on purpose when told to.
  func list(_ account: String, _ query: Form) -> Answer {
    let size = query["PageSize"].flatMap { Int($0) } ?? 50
    guard (1...1000).contains(size) else { return Answer(TwilioError(400, 20008, "Page size is not valid")) }
    let page = max(0, query["Page"].flatMap { Int($0) } ?? 0)
    let all = ofAccount[account] ?? []
    // `PageToken=PA<index>`: everything older than that.
    var index = query["PageToken"].flatMap { Int($0.dropFirst(2)) }.map { min($0, all.count) - 1 } ?? all.count - 1
    let visibleUntil = Stamp.now() - settings.listLagMs
    var found: [Message] = []
    while index >= 0, found.count < size {
      let message = all[index]
      if !message.deleted, message.createdMs <= visibleUntil, matches(message, query) { found.append(message) }
      index -= 1
    }
    let path = "/2010-04-01/Accounts/\(account)/Messages.json"
    var filters = Form(query.fields.filter { !["Page", "PageToken", "PageSize"].contains($0.name) })
    filters.fields.append(("PageSize", String(size)))
    func uri(_ number: Int, _ token: Int?) -> String {
      var form = filters
      form.fields.append(("Page", String(number)))
      if let token { form.fields.append(("PageToken", "PA\(token)")) }
      return path + "?" + String(decoding: form.encoded, as: UTF8.self)
    }
    let now = Stamp.now()
    return Answer(
      status: 200,
      json: .object([
        ("end", .int(page * size + max(0, found.count - 1))), ("first_page_uri", .string(uri(0, nil))),
        ("messages", .array(found.map { $0.json(now) })),
        ("next_page_uri", index >= 0 && found.count == size ? .string(uri(page + 1, index + 1)) : .null),
        ("page", .int(page)), ("page_size", .int(size)),
        ("previous_page_uri", page > 0 ? .string(uri(page - 1, nil)) : .null), ("start", .int(page * size)),
        ("uri", .string(uri(page, nil))),
      ]))
  }

  private func matches(_ message: Message, _ query: Form) -> Bool {
    for (name, value) in query.fields {
      switch name {
      case "To": if message.parties.to != value { return false }
      case "From": if message.parties.from != value { return false }
      case "DateSent", "DateSent>", "DateSent<":
        guard let sent = message.sentMs, let day = Stamp.parse(value) else { return false }
        if name == "DateSent" && !(day.ms..<day.ms + day.length).contains(sent) { return false }
        if name == "DateSent>" && sent < day.ms { return false }
        if name == "DateSent<" && sent >= day.ms + day.length { return false }
      default: break
      }
    }
    return true
  }
}
