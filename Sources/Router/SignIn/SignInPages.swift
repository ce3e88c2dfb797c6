import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// Pages to sign in by: they work without scripts, and load nothing from elsewhere.
enum SignInPages {
  static let sources: [String: [UInt8]] = [
    "frame": PackageResources.frame_mustache, "sign-in": PackageResources.sign_in_mustache,
    "sent": PackageResources.sent_mustache, "confirm": PackageResources.confirm_mustache,
    "new-password": PackageResources.new_password_mustache, "elsewhere": PackageResources.elsewhere_mustache,
    "password": PackageResources.password_mustache, "reset": PackageResources.reset_mustache,
    "code": PackageResources.code_mustache, "message": PackageResources.message_mustache,
    "home": PackageResources.home_mustache,
  ]

  private static let templates: [Words.Language: PageTemplates] = {
    do {
      return try Dictionary(
        uniqueKeysWithValues: Words.Language.allCases.map { language in
          let catalogue = language == .es ? TenantPageSources.spanish : [:]
          return (language, try PageTemplates(sources) { PageTexts.translated($0) { catalogue[$0] ?? $0 } })
        })
    } catch { preconditionFailure("a template cannot be read: \(error)") }
  }()

  /// Values that are sentences.
  private static let sentences: Set<String> = [
    "sentence", "button", "label", "wrong", "wrongFactor", "wrongEmail", "factor",
  ]

  enum Name: String, CaseIterable {
    case signIn = "sign-in", sent, confirm, newPassword = "new-password", elsewhere, password, reset, code, message,
      home

    var title: String {
      switch self {
      case .signIn, .password: "Sign in to Roundhouse"
      case .sent: "Look into your mail"
      case .confirm: "One more click"
      case .newPassword, .reset: "Set a new password"
      case .elsewhere: "Type this code"
      case .code: "Your second factor"
      case .message: "Roundhouse"
      case .home: "You are signed in"
      }
    }
  }

  /// The rest is on every page (`AnswerHeaders`).
  private static let headers: HTTPFields = {
    var headers: HTTPFields = [.contentType: "text/html; charset=utf-8"]
    if let robots = HTTPField.Name("X-Robots-Tag") { headers[robots] = "noindex" }
    return headers
  }()

  static func html(
    _ name: Name, in language: Words.Language = .en, title: String? = nil, _ values: [String: Any?]
  ) -> String {
    let words = Words.plain(language, now: .now())
    var values = values.compactMapValues { $0 }
    for (key, value) in values where sentences.contains(key) {
      if let sentence = value as? String { values[key] = words.said(sentence) }
    }
    values["title"] = words.said(title ?? name.title)
    values["language"] = language.rawValue
    values["style"] = Assets.here.address("app.css")
    values["mark"] = Assets.here.address("mark.svg")
    if name == .signIn {
      values["script"] = Assets.here.address("passkey.js")
      values["sentences"] = ScriptSentences.json(in: language)
    }
    return templates[language]?.render(name.rawValue, values) ?? ""
  }

  static func page(
    _ name: Name, in language: Words.Language = .en, status: HTTPResponse.Status = .ok, title: String? = nil,
    _ values: [String: Any?]
  ) -> Response {
    Response(
      status: status, headers: headers,
      body: .init(byteBuffer: ByteBuffer(string: html(name, in: language, title: title, values))))
  }

  /// A refusal as a page: the sentence, and where to go on.
  static func refusal(_ refusal: Refusal, in language: Words.Language = .en) -> Response {
    let isNowhere = refusal.status == .notFound
    var answer = page(
      .message, in: language, status: refusal.status, title: title(of: refusal.status.code),
      [
        "sentence": refusal.detail, "link": isNowhere ? "/" : "/sign-in",
        "label": isNowhere ? "To the first page" : "Sign in",
      ])
    if case .tooMany(let seconds) = refusal { answer.headers[.retryAfter] = String(seconds) }
    return answer
  }

  private static func title(of status: Int) -> String {
    switch status {
    case 403: "That is not allowed"
    case 404: "There is nothing here"
    case 410: "Too late"
    case 429: "Too many tries"
    case 503: "Not at the moment"
    default: "That did not work"
    }
  }
}
