import Foundation

/// A Create, from the form to the answer.
extension Provider {
  /// `crowded`: there are too many requests of this account at once.
  func create(_ account: String, _ incoming: Incoming, crowded: Bool) -> Answer {
    let form = Form(encoded: incoming.body)
    let parties = Parties(
      account: account, sid: nil, from: form["From"] ?? form["MessagingServiceSid"], to: form["To"], body: form["Body"])
    let segments = Segments.count(form["Body"] ?? "")
    ledger.append(.request, parties)
    arrivals.note(parties.from ?? "", segments: segments)
    let person = form["To"] ?? ""
    if let from = parties.from, let at = stopAnswered[Self.pair(from, person)], incoming.cameMicros > at {
      late.append((parties, incoming.cameMicros - at))
    }
    requestsOf[person, default: 0] += 1
    var draws = Draws(seed: settings.seed, person: person, ordinal: requestsOf[person] ?? 0)
    func refuse(_ error: TwilioError) -> Answer {
      ledger.append(.refused, parties, code: error.code)
      return Answer(error)
    }
    if crowded { return refuse(TwilioError(code: 20429)) }

    let fault = drawFault(&draws, reused: incoming.reused)
    if let fault { ledger.append(.fault, parties, fault) }
    switch fault {
    case "drop_reused", "drop_before": return Answer(status: 0, ending: .drop)
    case "429": return Answer(TwilioError(code: 20429))
    case "503_before": return Answer(TwilioError(503, 20503, "Service unavailable"))
    case let code? where Int(code).map { $0 < 30000 } ?? false: return refuse(TwilioError(code: Int(code) ?? 0))
    default: break
    }

    do {
      let message = try accept(
        CreateMessage(form, nowMs: Stamp.now()), account, segments, draws, fatedCode: fault.flatMap { Int($0) })
      var answer = Answer(status: 201, json: message.json(Stamp.now()))
      switch fault {
      case "drop_after": answer.ending = .drop
      case "reset_mid_body": answer.ending = .midBody
      case "500_after": answer = Answer(TwilioError(500, 20500, "Internal server error"))
      case "slow": answer.delayMs = settings.slowMs
      default: break
      }
      return answer
    } catch let error as TwilioError {
      return refuse(error)
    } catch {
      return Answer(TwilioError(500, 20500, "\(error)"))
    }
  }

  private func drawFault(_ draws: inout Draws, reused: Bool) -> String? {
    guard !settings.faults.isEmpty else { return nil }
    for kind in Fault.kinds + settings.faults.keys.filter({ Int($0) != nil && $0 != "429" }).sorted()
    where kind != "bad_signature" {
      if draws.hit(settings.faults[kind] ?? 0), kind != "drop_reused" || reused { return kind }
    }
    return nil
  }

  private func accept(
    _ create: CreateMessage, _ account: String, _ segments: Int, _ draws: Draws, fatedCode: Int?
  ) throws -> Message {
    var draws = draws
    if optedOut.contains(Self.pair(create.service ?? create.from ?? "", create.to)) { throw TwilioError(code: 21610) }
    let sender = create.from ?? stickySender(create.service ?? "", create.to)
    var place: SenderQueues.Place?
    if create.sendAtMs == nil {
      place = takePlace(sender, segments, validitySeconds: create.validitySeconds)
      // With a Messaging Service the overflow comes to light only after the answer.
      if case .full = place, create.service == nil { throw TwilioError(code: 21611) }
    }
    let sid = (create.media > 0 ? "MM" : "SM") + draws.hex32()
    let status: Status = create.sendAtMs != nil ? .scheduled : create.service != nil ? .accepted : .queued
    let message = Message(
      parties: Parties(account: account, sid: sid, from: create.from, to: create.to, body: create.body), sid: sid,
      service: create.service, direction: "outbound-api", segments: segments, media: create.media, nowMs: Stamp.now(),
      callbackURL: create.callback, validitySeconds: create.validitySeconds, status: status, draws: draws)
    message.fatedCode = fatedCode
    message.microsPerSegment = settings.price(to: create.to)
    keep(message)
    ledger.append(.created, message.parties, status.rawValue)
    likeness.note(message.parties)
    message.parties.from = sender
    if let place {
      live(message, place)
    } else {
      after((create.sendAtMs ?? 0) - Stamp.now()) {
        guard message.status == .scheduled else { return }
        self.live(message, self.takePlace(sender, segments, validitySeconds: create.validitySeconds))
      }
    }
    return message
  }

  private func takePlace(_ sender: String, _ segments: Int, validitySeconds: Int) -> SenderQueues.Place {
    guard let rate = settings.rates[sender] ?? settings.mps else { return .leaves(afterMs: 0) }
    return queues.take(
      sender, segments, rate: rate, capacitySeconds: settings.queueSeconds, validitySeconds: validitySeconds,
      nowMs: Double(Stamp.now()))
  }

  /// A service texts a person always from the same number, whichever it was first.
  private func stickySender(_ service: String, _ person: String) -> String {
    let pair = Self.pair(service, person)
    if let number = sticky[pair] { return number }
    let pool = settings.pools[service] ?? ["+15005550006"]
    let number = pool[Int(person.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) }) % pool.count]
    sticky[pair] = number
    return number
  }
}
