import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import TenantRuntime

extension Site {
  var cookies: Cookies { Cookies(controlPlane) }

  /// What pages of this server may be called.
  func ownHosts(_ request: Request, _ context: RoundhouseContext) -> [String] {
    let asked = (context.client.host ?? request.head.authority ?? "").lowercased()
    let url = URL(string: controlPlane.configuration.publicURL)
    let port = url?.port.map { ":\($0)" } ?? ""
    return [asked, (url?.host ?? "").lowercased() + port]
  }

  /// A change by a session comes from a page of ours, or brings the session's own token: cookies alone prove nothing.
  func checkOrigin(of caller: Caller, _ request: Request, _ context: RoundhouseContext) throws {
    guard let signIn = caller.signIn, request.method != .get, request.method != .head else { return }
    let finding = OriginCheck.finding(request.headers, hosts: ownHosts(request, context))
    if finding == .own { return }
    let sent = request.header("x-csrf-token").map { Array($0.utf8.prefix(200)) } ?? []
    guard finding == .unknown, constantTimeEqual(sent, Array(signIn.formToken.utf8)) else {
      throw Refusal.forbidden(
        "This did not come from a page of this server. Programs send the session's `csrf_token` as X-CSRF-Token.")
    }
  }

  private static let mostForm = 16 << 10

  func answer(_ route: PageRoute, _ request: Request, _ context: RoundhouseContext) async -> Response {
    let browser = Browser(controlPlane, request, address: context.address)
    var response: Response
    do {
      try request.refuseUnreadableQuery()
      let form = route.method == .post ? try await self.form(request, context, browser) : []
      let call = PageCall(
        controlPlane: controlPlane, request: request, parameters: context.parameters, browser: browser, form: form)
      response = try await route.handler(call)
    } catch let refusal as Refusal {
      response = SignInPages.refusal(refusal, in: Words.Language(accepting: request.headers[.acceptLanguage]))
    } catch {
      let reference = APIKey.hex(6)
      controlPlane.logger.error(
        "A page failed",
        metadata: ["reference": "\(reference)", "request_id": "\(context.requestID ?? "")", "error": "\(error)"])
      response = SignInPages.refusal(
        .unavailable("Something went wrong on our side. Reference \(reference)."),
        in: Words.Language(accepting: request.headers[.acceptLanguage]))
    }
    response.headers[values: .setCookie].append(cookies.set(.browser, browser.token))
    return response
  }

  private func form(
    _ request: Request, _ context: RoundhouseContext, _ browser: Browser
  ) async throws -> [(name: String, value: String)] {
    guard request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true else {
      throw Refusal.unsupportedMedia("Send the form as application/x-www-form-urlencoded.")
    }
    guard OriginCheck.finding(request.headers, hosts: ownHosts(request, context)) != .foreign else {
      throw Refusal.forbidden("This form did not come from a page of this server.")
    }
    let body = try await request.collected(most: Self.mostForm)
    let form = Request.form(String(buffer: body), most: 50)
    let token = form.first { $0.name == "token" }?.value ?? ""
    let expected = controlPlane.signIn.formToken(of: browser.place.browser)
    guard !browser.isNew, constantTimeEqual(Array(token.utf8.prefix(200)), Array(expected.utf8)) else {
      throw Refusal.forbidden("This form is too old, or your browser keeps no cookies. Open the page again.")
    }
    return form
  }
}
