import Foundation

/// Reading, cancelling and listing what was created.
extension Provider {
  func find(_ account: String, _ sid: String) -> Message? {
    guard let message = messages[sid], message.parties.account == account, !message.deleted else { return nil }
    return message
  }

  /// `Status=canceled` takes back what is not yet sent; `Body=` (empty) redacts, but never the ledger.
  func update(_ message: Message, _ form: Form) -> Answer {
    if form["Status"] == "canceled" {
      guard message.status == .scheduled || message.status == .accepted || message.status == .queued else {
        return Answer(TwilioError(400, 30409, "Message already sent; it can not be canceled"))
      }
      move(message, to: .canceled)
    } else if form["Body"] == "" {
      guard message.status.isFinal else { return Answer(TwilioError(400, 20009, "Message is not finished")) }
      message.redacted = true
    }
    return Answer(status: 200, json: message.json(Stamp.now()))
  }

  /// Newest first; filters on exact numbers and the day sent. Lags on purpose when told to, and never shows what fell
  /// into a gap: a miss proves nothing.
  func list(_ account: String, _ query: Form) -> Answer {
    let size = query["PageSize"].flatMap { Int($0) } ?? 50
    guard (1...1000).contains(size) else { return Answer(TwilioError(400, 20008, "Page size is not valid")) }
    let page = max(0, query["Page"].flatMap { Int($0) } ?? 0)
    let all = ofAccount[account] ?? []
    let visibleUntil = Stamp.now() - settings.listLagMs
    func isShown(_ message: Message) -> Bool {
      !message.deleted && !message.unlisted && message.createdMs <= visibleUntil && matches(message, query)
    }
    // `PageToken=PA<index>`: what is older than that; `PB<index>`: the page of what is newer.
    let token = query["PageToken"] ?? ""
    let named = Int(token.dropFirst(2)).map { min(max(0, $0), all.count) } ?? all.count
    var top = named
    if token.hasPrefix("PB") {
      var left = size
      while top < all.count, left > 0 {
        if isShown(all[top]) { left -= 1 }
        top += 1
      }
    }
    var index = top - 1
    var found: [Message] = []
    while index >= 0, found.count < size {
      if isShown(all[index]) { found.append(all[index]) }
      index -= 1
    }
    let path = "/2010-04-01/Accounts/\(account)/Messages.json"
    var filters = Form(query.fields.filter { !["Page", "PageToken", "PageSize"].contains($0.name) })
    filters.fields.append(("PageSize", String(size)))
    func uri(_ number: Int, _ token: String?) -> String {
      var form = filters
      form.fields.append(("Page", String(number)))
      if let token { form.fields.append(("PageToken", token)) }
      return path + "?" + String(decoding: form.encoded, as: UTF8.self)
    }
    let now = Stamp.now()
    return Answer(
      status: 200,
      json: .object([
        ("end", .int(page * size + max(0, found.count - 1))), ("first_page_uri", .string(uri(0, nil))),
        ("messages", .array(found.map { $0.json(now) })),
        ("next_page_uri", index >= 0 && found.count == size ? .string(uri(page + 1, "PA\(index + 1)")) : .null),
        ("page", .int(page)), ("page_size", .int(size)),
        ("previous_page_uri", page > 0 ? .string(uri(page - 1, "PB\(top)")) : .null), ("start", .int(page * size)),
        ("uri", .string(uri(page, nil))),
      ]))
  }

  private func matches(_ message: Message, _ query: Form) -> Bool {
    for (name, value) in query.fields {
      switch name {
      case "To": if message.parties.to != value { return false }
      case "From": if message.isUndecided || message.parties.from != value { return false }
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
