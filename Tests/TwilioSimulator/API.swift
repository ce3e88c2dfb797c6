import Foundation

/// Twilio's own addresses: who may call, how many at once, and what is asked.
extension Provider {
  func handle(_ incoming: Incoming, _ reply: @escaping (Answer) -> Void) {
    switch incoming.path.prefix(2) {
    case ["_simulator", "media"]: reply(media(incoming))
    case let path where path.first == "_simulator": control(incoming, reply)
    default: reply(api(incoming))
    }
  }

  private func api(_ incoming: Incoming) -> Answer {
    let path = incoming.path
    guard path.count >= 4, path[0] == "2010-04-01", path[1] == "Accounts" else {
      return Answer(.notFound(incoming.rawPath))
    }
    let account = path[2]
    guard isAllowed(account, incoming.authorization) else { return Answer(TwilioError(401, 20003, "Authenticate")) }
    let running = crowds.enter(account)
    var answer = answer(account, incoming, crowded: settings.maxConcurrent.map { running > $0 } ?? false)
    answer.concurrent = running
    answer.delayMs += settings.latencyMs
    answer.whenWritten = { self.crowds.leave(account) }
    return answer
  }

  private func answer(_ account: String, _ incoming: Incoming, crowded: Bool) -> Answer {
    let path = incoming.path
    let isList = path.count == 4 && path[3] == "Messages.json"
    if isList, incoming.method == "POST" {
      return create(account, incoming, crowded: crowded)
    }
    if crowded { return Answer(TwilioError(code: 20429)) }
    if isList {
      return incoming.method == "GET"
        ? list(account, incoming.query) : Answer(TwilioError(405, 20004, "Method not allowed"))
    }
    guard path.count == 5, path[3] == "Messages", path[4].hasSuffix(".json"),
      let message = find(account, String(path[4].dropLast(5)))
    else { return Answer(.notFound(incoming.rawPath)) }
    switch incoming.method {
    case "GET": return Answer(status: 200, json: message.json(Stamp.now()))
    case "POST": return update(message, Form(encoded: incoming.body))
    case "DELETE":
      guard message.status.isFinal else { return Answer(TwilioError(400, 20009, "Message is not finished")) }
      message.deleted = true
      return Answer(status: 204)
    default: return Answer(TwilioError(405, 20004, "Method not allowed"))
    }
  }

  /// With no account named at the start, the first token seen for an account is its token.
  func isAllowed(_ account: String, _ authorization: String?) -> Bool {
    guard let authorization, authorization.hasPrefix("Basic "),
      let data = Data(base64Encoded: String(authorization.dropFirst(6)))
    else { return false }
    let halves = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
    guard halves.count == 2, halves[0] == account else { return false }
    if settings.accounts.isEmpty, learned[account] == nil { learned[account] = halves[1] }
    return settings.accounts[account]?.contains(halves[1]) ?? (learned[account] == halves[1])
  }
}
