/// What the whole body of an inbound text asks for (Twilio's default words plus those of 47 CFR 64.1200(a)(10)).
package enum Keyword: Sendable, Equatable {
  case stop, start, help

  package init?(body: String) {
    let words = body.lowercased().split { !$0.isLetter && !$0.isNumber }
    switch words.joined(separator: " ") {
    case "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out":
      self = .stop
    case "start", "yes", "unstop": self = .start
    case "help", "info": self = .help
    default: return nil
    }
  }
}
