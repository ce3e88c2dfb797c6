import Foundation

/// What happened, in order; nothing is ever changed or removed. Tests read it as the oracle.
struct Ledger {
  enum Kind: String {
    /// A Create arrived, before anything was decided about it.
    case request
    /// A message came to be; from here on it can reach a person.
    case created
    /// A Create was answered with an error, nothing came to be.
    case refused
    /// A fault of our making hit a Create.
    case fault
    case status
    case callback
    case callbackLost = "callback_lost"
    /// A person's text: sent to the webhook, then answered (or not).
    case inbound
    case inboundAnswered = "inbound_answered"
    case inboundLost = "inbound_lost"
    /// The webhook failed and the fallback URL took the text; detail is the error it was told.
    case inboundFallback = "inbound_fallback"
    case autoReply = "auto_reply"
    case tap
  }

  struct Entry {
    let atMicroseconds: Int
    let kind: Kind
    let parties: Parties
    /// Status, fault, HTTP answer or user agent, as the kind has it.
    let detail: String
    let code: Int?

    func json(_ number: Int) -> JSON {
      .object([
        ("n", .int(number)), ("at_us", .int(atMicroseconds)), ("type", .string(kind.rawValue)),
        ("sid", .text(parties.sid)),
        ("from", .text(parties.from)), ("to", .text(parties.to)), ("body", .text(parties.body)),
        ("detail", .string(detail)), ("code", .number(code)),
      ])
    }
  }

  private(set) var entries: [Entry] = []
  private(set) var counts: [Kind: Int] = [:]

  mutating func append(_ kind: Kind, _ parties: Parties, _ detail: String = "", code: Int? = nil) {
    entries.append(
      Entry(atMicroseconds: Stamp.microseconds(), kind: kind, parties: parties, detail: detail, code: code))
    counts[kind, default: 0] += 1
  }

  /// `after`: the number of the last entry already read, 0 at first; `kind` leaves only one sort.
  func page(after: Int, kind: Kind?, limit: Int) -> JSON {
    var rows: [JSON] = []
    var next = max(0, after)
    while next < entries.count, rows.count < limit {
      let entry = entries[next]
      next += 1
      if kind == nil || entry.kind == kind { rows.append(entry.json(next)) }
    }
    return .object([
      ("data", .array(rows)), ("after", .int(next)), ("more", .bool(next < entries.count)),
    ])
  }
}
