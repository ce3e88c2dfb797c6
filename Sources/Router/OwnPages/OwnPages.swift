import ControlPlane
import Hummingbird
import TenantRuntime

/// Pages about whoever has signed in.
struct OwnPage: Sendable {
  let path: String
  let handler: @Sendable (OwnVisit) async throws -> any Page
}

struct OwnVisit: Sendable {
  let account: OwnAccount
  let visitor: Visitor
  let request: Request
  let words: Words
  let typed: [(name: String, value: String)]

  func field(_ name: String, _ kept: String?) -> String { typed.last { $0.name == name }?.value ?? kept ?? "" }
}

enum OwnPages {
  static let all: [OwnPage] = [
    OwnPage(path: "") { visit in try await ProfilePage(visit) },
    OwnPage(path: "second-factor") { visit in try await SecondFactorPage(visit) },
    OwnPage(path: "confirm") { visit in
      ConfirmPage(visit.visitor, then: visit.request.query("then") ?? "/account", words: visit.words)
    },
  ]
}

/// One's own name, language, password, second factor, passkeys and sessions.
struct ProfilePage: Page {
  static let template = "profile"

  struct Place: Sendable {
    let id: String
    let agent: String
    let address: String
    let seen: String
    let isHere: Bool
  }

  struct Key: Sendable {
    let id: String
    let name: String
    let used: String
  }

  struct Invitation: Sendable {
    let tenant: String
    let name: String
    let role: String
  }

  let title: String
  let email: String
  let name: String
  let newEmail: String
  let locales: [Choice]
  let themes: [Choice]
  let hasLetters: Bool
  let hasPassword: Bool
  let hasFactor: Bool
  let codesLeft: String
  let passkeys: [Key]
  let places: [Place]
  let hasOthers: Bool
  let invitations: [Invitation]

  init(_ visit: OwnVisit) async throws {
    let (words, profile) = (visit.words, visit.visitor.profile)
    let user = profile.user
    title = words("Your account")
    email = user.email
    name = visit.field("name", user.name)
    newEmail = visit.field("email", nil)
    locales = [("en", "English"), ("es", "Español")].map { Choice($0.0, $0.1, chosen: user.locale.rawValue) }
    themes = [("system", words("as this device has it")), ("light", words("light")), ("dark", words("dark"))].map {
      Choice($0.0, $0.1, chosen: user.theme.rawValue)
    }
    (hasLetters, hasPassword, hasFactor) = (user.hasSingleLetterKeys, user.hasPassword, user.hasSecondFactor)
    codesLeft = words(Int64(profile.recoveryCodesLeft), one: "{0} recovery code left", many: "{0} recovery codes left")
    passkeys = profile.passkeys.map { passkey in
      Key(
        id: Base64URL.encode(passkey.id), name: passkey.name, used: passkey.usedAt.map(words.ago) ?? words("never used")
      )
    }
    let here = visit.visitor.caller.signIn?.session
    places = try await visit.account.sessions(visit.visitor.caller).map { session in
      Place(
        id: session.id, agent: Self.device(session.agent, words), address: session.address,
        seen: words.ago(session.seenAt), isHere: session.digest == here)
    }
    hasOthers = places.count > 1
    invitations = profile.memberships.filter { $0.state == .invited }.map {
      Invitation(
        tenant: $0.tenant, name: profile.tenantNames[$0.tenant] ?? $0.tenant, role: words.name($0.role.rawValue))
    }
  }

  /// The browser and its device, as far as a person would say them.
  private static func device(_ agent: String, _ words: Words) -> String {
    let browsers = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
    let systems = [
      ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
      ("Linux", "Linux"),
    ]
    let browser = browsers.first { agent.contains($0.0) }?.1
    let system = systems.first { agent.contains($0.0) }?.1
    return [browser, system].compactMap { $0 }.joined(separator: ", ").isEmpty
      ? (agent.isEmpty ? words("Unknown browser") : String(agent.prefix(60)))
      : [browser, system].compactMap { $0 }.joined(separator: ", ")
  }
}

/// A secret for an authenticator, drawn as a picture.
struct SecondFactorPage: Page {
  static let template = "second-factor"
  let title: String
  let picture: Drawing
  let secret: String
  let offer: String

  init(_ visit: OwnVisit) async throws {
    title = visit.words("Set up a second factor")
    let offer = try await visit.account.offerSecondFactor(
      by: visit.visitor.caller, earlier: visit.typed.last { $0.name == "offer" }?.value)
    picture = Drawing(QRCode(offer.address)?.svg(title: visit.words("Picture for your authenticator")) ?? "")
    (secret, self.offer) = (offer.secret, offer.sealed)
  }
}
