import ControlPlane
import HTTPTypes
import Hummingbird
import TenantRuntime

/// A refusal as a page: the sentence, and what to do.
struct RefusedPage: Page {
  static let template = "refused"

  struct Typed: Sendable {
    let name: String
    let value: String
  }

  let title: String
  let sentence: String
  let advice: String?
  let back: String?
  /// Of a business that is closed or ends: where that is said, and ended.
  let account: String?
  let isSignedOut: Bool
  /// Where what was typed can be sent again.
  let again: String?
  let typed: [Typed]

  init(
    _ refusal: Refusal, words: Words, back: String?, account: String? = nil, again: String? = nil,
    typed: [(name: String, value: String)] = []
  ) {
    let isSignedOut = refusal == .unauthenticated
    // Paused comes back as it was; what is closed or ends is another matter.
    let isEnding = refusal.status.code == 423 && !refusal.detail.contains("paused")
    title = isEnding ? words("This business is closed") : words(Self.title(of: refusal.status.code))
    // A reason that was written down has its times as the API has them.
    sentence =
      isSignedOut
      ? words("You are signed out.")
      : words.said(refusal.detail).replacing(/\d{4}-\d\d-\d\dT[\d:.]{5,12}Z/) { found in
        Moment(iso8601: String(found.output)).map(words.time) ?? String(found.output)
      }
    // What came with a file was not read: the page that it was sent from has it still.
    let isUnread = isSignedOut && again == nil
    advice = isEnding ? nil : (isUnread ? Self.adviceUnread : Self.advice(of: refusal.status.code)).map { words($0) }
    (self.back, self.account) = isEnding && account != nil ? (nil, account) : (back, nil)
    (self.isSignedOut, self.again) = (isSignedOut, again)
    self.typed = typed.map { Typed(name: $0.name, value: $0.value) }
  }

  private static func title(of status: Int) -> String {
    switch status {
    case 401: "Your session has ended"
    case 403: "That is not for your role"
    case 404: "There is nothing here"
    case 409: "It has changed meanwhile"
    case 412: "Somebody else has changed it"
    case 423: "This business is paused"
    case 429: "Too many requests"
    case 503: "Not at the moment"
    default: "That did not work"
    }
  }

  private static let adviceUnread: String? =
    "Sign in in a new tab, then go one page back in this one: what you typed is still there."

  private static func advice(of status: Int) -> String? {
    switch status {
    case 401: "Nothing that you have typed is lost: sign in in a new tab, then come back here."
    case 403: "An owner or an admin of this business can do it, or give you another role."
    case 409, 412: "Open the page again to see how it stands now; what you typed is still in the form behind you."
    case 423: "Its data is safe. Whoever runs this server has paused it; it comes back as it was."
    case 503: "Try again in a moment."
    default: nil
    }
  }
}

/// Dangerous things are asked for twice: by who has shown within ten minutes to be there.
struct ConfirmPage: Page {
  static let template = "confirm-it-is-you"
  let title: String
  let then: String
  let from: String
  let hasPassword: Bool
  let hasCode: Bool
  let hasNothing: Bool

  init(_ visitor: Visitor, then: String, words: Words) {
    title = words("Confirm that it is you")
    self.then = then
    from = "confirm?" + FormBody.encoded([(name: "then", value: then)])
    (hasPassword, hasCode) = (visitor.profile.user.hasPassword, visitor.profile.user.hasSecondFactor)
    hasNothing = !hasPassword && !hasCode
  }
}

/// What is shown once, and kept nowhere: a key, a secret.
struct SecretPage: Page {
  static let template = "secret"

  struct Line: Sendable {
    let index: String
    let name: String
    let value: String
    let rows: String
  }

  let title: String
  let lines: [Line]
  let back: String

  /// Names in answers of what is shown once.
  static let names = ["key", "secret", "token", "recovery_codes", "uri"]

  init(_ answer: JSON, back: String, words: Words) {
    title = words("Copy this now")
    self.back = back
    lines = (answer.members ?? []).compactMap { name, value in
      guard Self.names.contains(name) else { return nil }
      let texts = value.text.map { [$0] } ?? value.list?.compactMap(\.text) ?? []
      return texts.isEmpty
        ? nil
        : Line(
          index: name, name: words.name(name), value: texts.joined(separator: "\n"), rows: String(max(2, texts.count)))
    }
  }
}
