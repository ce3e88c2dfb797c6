import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// Pages to sign in by: they work without scripts, and load nothing from elsewhere.
enum SignInPages {
  private static let templates: PageTemplates = {
    do {
      return try PageTemplates([
        "frame": PackageResources.frame_mustache, "sign-in": PackageResources.sign_in_mustache,
        "sent": PackageResources.sent_mustache, "confirm": PackageResources.confirm_mustache,
        "new-password": PackageResources.new_password_mustache, "elsewhere": PackageResources.elsewhere_mustache,
        "password": PackageResources.password_mustache, "reset": PackageResources.reset_mustache,
        "code": PackageResources.code_mustache, "message": PackageResources.message_mustache,
        "home": PackageResources.home_mustache,
      ])
    } catch { preconditionFailure("a template cannot be read: \(error)") }
  }()

  enum Name: String, CaseIterable {
    case signIn = "sign-in", sent, confirm, newPassword = "new-password", elsewhere, password, reset, code, message,
      home

    fileprivate var title: String {
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

  static func html(_ name: Name, title: String? = nil, _ values: [String: Any?]) -> String {
    var values = values.compactMapValues { $0 }
    values["title"] = title ?? name.title
    values["style"] = Assets.here.address("app.css")
    values["mark"] = Assets.here.address("mark.svg")
    if name == .signIn { values["script"] = Assets.here.address("passkey.js") }
    return templates.render(name.rawValue, values)
  }

  static func page(
    _ name: Name, status: HTTPResponse.Status = .ok, title: String? = nil, _ values: [String: Any?]
  ) -> Response {
    Response(
      status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: html(name, title: title, values))))
  }

  /// A refusal as a page: the sentence, and where to go on.
  static func refusal(_ refusal: Refusal) -> Response {
    var answer = page(
      .message, status: refusal.status, title: title(of: refusal.status.code),
      ["sentence": refusal.detail, "link": "/sign-in", "label": "Sign in"])
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
