import HTTPTypes
import TenantRuntime

/// What a page's button cannot take back, or what others feel at once: it says what follows, and is carried out when its form comes a second time.
struct Consequence: Sendable {
  let title: String
  let sentence: String
  let button: String

  /// By the method and the path of the operation, of tenants, of the platform and of one's own account alike. What is asked by a page of its own
  /// (a campaign's end, an erasure), by a box to tick, a word to type, or a password does not stand here.
  static let all: [String: Consequence] = [
    "POST ownership": Consequence(
      title: "Make this person the owner?",
      sentence:
        "They get every right over this business, and you become an admin. You cannot take it back: only they can give it to you again.",
      button: "Make the owner"),
    "POST campaigns/:id/unschedule": Consequence(
      title: "Make this campaign a draft again?",
      sentence: "It does not leave at its time any more. Change what you like, then launch it once more.",
      button: "Make it a draft"),
    "DELETE hosts/:host": linkHost, "DELETE tenants/:key/hosts/:host": linkHost,
    "DELETE api-keys/:api_key": key, "DELETE tenants/:key/api-keys/:api_key": key,
    "DELETE users/:id": Consequence(
      title: "Take this person off the team?",
      sentence: "They are signed out of this business at once. You may invite them again.", button: "Remove"),
    "DELETE templates/:id": Consequence(
      title: "Delete this template?", sentence: "Its text is gone. Campaigns that began with it keep theirs.",
      button: "Delete"),
    "DELETE twilio-account/former-token": token, "DELETE tenants/:key/twilio-account/former-token": token,
    "DELETE tenants/:key/numbers/:number": Consequence(
      title: "Take this number away?",
      sentence: "Nothing more is texted from it, and what people write to it reaches nobody.", button: "Take away"),
    "POST tenants/:key/numbers/:number/move": Consequence(
      title: "Move this number?",
      sentence: "From now on it texts for the other tenant alone, and what people write to it is theirs.",
      button: "Move"),
    "POST tenants/:key/archive": Consequence(
      title: "Archive this tenant?",
      sentence:
        "Its campaigns stop, its people are not answered, and nobody of it can work here until it is taken into use again.",
      button: "Archive"),
    "POST tenants/:key/link-keys": Consequence(
      title: "Make a new key for its links?",
      sentence:
        "Links in texts of the last keys still lead on; those of the oldest lead nowhere, their unsubscribe pages too, and that cannot be taken back.",
      button: "Make a new key"),
    "POST tenants/:key/unfence": Consequence(
      title: "Let it text again?",
      sentence:
        "Its file was put back from a copy. Look first that no campaign texts anybody once more who has the text already.",
      button: "Let it text"),
  ]

  private static let linkHost = Consequence(
    title: "Take this link host away?",
    sentence:
      "Every link in a text that was sent with it leads nowhere from now on, and its unsubscribe page does not open. It must be added and verified again before they do.",
    button: "Take away")
  private static let key = Consequence(
    title: "Revoke this key?",
    sentence: "Programs that use it are refused at once, and it does not come back.", button: "Revoke")
  private static let token = Consequence(
    title: "Drop the former token?",
    sentence: "What the provider still signs with it is refused from now on.", button: "Drop it")
}

/// Asks for what a form would do.
struct SurePage: Page {
  static let template = "sure"
  let title: String
  /// What it is about, as its form calls it (`_what`).
  let what: String?
  let sentence: String
  let button: String
  let action: String
  let back: String
  let typed: [RefusedPage.Typed]

  init(_ consequence: Consequence, action: String, back: String, typed: [(name: String, value: String)], words: Words) {
    title = words(consequence.title)
    what = typed.last { $0.name == "_what" }?.value
    sentence = words(consequence.sentence)
    button = words(consequence.button)
    (self.action, self.back) = (action, back)
    self.typed = typed.map { RefusedPage.Typed(name: $0.name, value: $0.value) }
  }
}
