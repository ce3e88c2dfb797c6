import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import TenantRuntime

/// The browser at the other end of a request, as its cookies tell it.
struct Browser: Sendable {
  let cookies: Cookies
  /// What tells it apart; made when it brings none.
  let token: String
  let isNew: Bool
  let session: String?
  let place: SignIn.Place

  init(_ controlPlane: ControlPlane, _ request: Request, address: String) {
    cookies = Cookies(controlPlane)
    let brought = cookies.value(.browser, in: request.headers).flatMap { $0.utf8.count == 32 ? $0 : nil }
    token = brought ?? APIKey.hex(16)
    isNew = brought == nil
    session = cookies.value(.session, in: request.headers)
    place = SignIn.Place(
      browser: APIKey.digest(token),
      known: cookies.value(.known, in: request.headers).flatMap(controlPlane.signIn.knownUser),
      address: address, network: Self.network(address),
      agent: request.headers[.userAgent] ?? "", language: Words.Language(accepting: request.headers[.acceptLanguage]))
  }

  /// As many addresses as one customer of a provider has.
  private static func network(_ address: String) -> String {
    guard let known = IPAddress(withZone: address) else { return address }
    return known.isV4 ? known.description : Network(known, bits: 64).description
  }
}

extension Cookies {
  init(_ controlPlane: ControlPlane) {
    self.init(
      isSecure: controlPlane.configuration.publicURL.hasPrefix("https://"),
      sessionLife: controlPlane.configuration.sessions.longestSeconds)
  }
}
