package import HTTPTypes
package import Hummingbird
import NIOCore

/// A verb's clear "no". Verbs throw it; only this file knows what it means in HTTP.
package enum Refusal: Error, Equatable, Sendable {
  case invalid([FieldError])
  case malformed(String)
  case headTooLong
  case unauthenticated
  case forbidden(String)
  /// What is asked for is dangerous, and nobody has shown lately to be there.
  case unconfirmed
  case notFound(String)
  case methodNotAllowed(allowed: [String])
  case conflict(String)
  case gone(String)
  case preconditionFailed(String)
  case tooLarge(String)
  case unsupportedMedia(String)
  /// The tenant is parked: nothing may touch its file.
  case locked(String)
  case tooMany(retryAfterSeconds: Int)
  case unavailable(String)

  package static func invalid(_ field: String, _ message: String) -> Refusal {
    .invalid([FieldError(field: field, message: message)])
  }
}

/// A form that came with a file is refused. What was typed beside the file is read by the operation alone: a page shows it once more.
package struct RefusedUpload: Error {
  package let refusal: Refusal
  package let typed: [(name: String, value: String)]

  init(refusal: Refusal, typed: [String: String]) {
    self.refusal = refusal
    self.typed = typed.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

package struct FieldError: Equatable, Sendable {
  package var field: String
  package var message: String

  package init(field: String, message: String) {
    self.field = field
    self.message = message
  }
}

extension Refusal {
  /// Whether it is about this moment alone: the same may be done later.
  package var passes: Bool { [423, 429, 503].contains(status.code) }

  package var status: HTTPResponse.Status {
    switch self {
    case .invalid: .unprocessableContent
    case .malformed: .badRequest
    case .headTooLong: .requestHeaderFieldsTooLarge
    case .unauthenticated: .unauthorized
    case .forbidden, .unconfirmed: .forbidden
    case .notFound: .notFound
    case .methodNotAllowed: .methodNotAllowed
    case .conflict: .conflict
    case .gone: .gone
    case .preconditionFailed: .preconditionFailed
    case .tooLarge: .contentTooLarge
    case .unsupportedMedia: .unsupportedMediaType
    case .locked: .init(code: 423, reasonPhrase: "Locked")
    case .tooMany: .tooManyRequests
    case .unavailable: .serviceUnavailable
    }
  }

  /// One sentence for the person who reads it: what was wrong and what to do.
  package var detail: String {
    switch self {
    case .invalid(let errors):
      errors.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }.joined(separator: "; ")
    case .headTooLong: "The head of the request is too long."
    case .unauthenticated: "Send a valid API key as `Authorization: Bearer rh_…`."
    case .unconfirmed:
      "Confirm that it is you first, by password or code: POST /api/v1/me/confirm. It holds for ten minutes."
    case .methodNotAllowed(let allowed): "This address answers \(allowed.joined(separator: ", ")) only."
    case .tooMany(let seconds): "Too many requests. Try again in \(seconds) s."
    case .malformed(let text), .forbidden(let text), .notFound(let text), .conflict(let text), .gone(let text),
      .preconditionFailed(let text),
      .tooLarge(let text),
      .unsupportedMedia(let text), .locked(let text), .unavailable(let text):
      text
    }
  }

  /// The RFC 9457 problem document: status, headers, text.
  package var problem: (status: HTTPResponse.Status, headers: HTTPFields, text: String) { problem(requestID: nil) }

  private func problem(requestID: String?) -> (status: HTTPResponse.Status, headers: HTTPFields, text: String) {
    var document: [(String, JSON)] = [
      ("type", self == .unconfirmed ? "urn:roundhouse:unconfirmed" : "about:blank"),
      ("title", .text(status.reasonPhrase)), ("status", .int(status.code)),
      ("detail", .text(detail)),
    ]
    if case .invalid(let errors) = self {
      document.append(
        ("errors", .list(errors.map { .object([("field", .text($0.field)), ("message", .text($0.message))]) })))
    }
    if let requestID { document.append(("request_id", .text(requestID))) }
    var headers: HTTPFields = [.contentType: "application/problem+json"]
    switch self {
    case .unauthenticated: headers[.wwwAuthenticate] = "Bearer"
    case .methodNotAllowed(let allowed): headers[.allow] = allowed.joined(separator: ", ")
    case .tooMany(let seconds): headers[.retryAfter] = String(seconds)
    case .unavailable: headers[.retryAfter] = "5"
    default: break
    }
    return (status, headers, JSON.object(document).serialized)
  }

  package func response(requestID: String? = nil) -> Response {
    let (status, headers, text) = problem(requestID: requestID)
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
