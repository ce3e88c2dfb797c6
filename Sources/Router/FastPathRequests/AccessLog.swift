import ControlPlane
import Dispatch
import Logging
import NIOHTTP1
import Synchronization

/// The access lines of the fast path, in the same form as Hummingbird's (`HostMiddleware`). Webhooks and links come by the thousand a second: beyond
/// so many of one second a request has no line of its own, and the next line that is written says how many had none.
final class AccessLog: Sendable {
  struct Line: Sendable {
    let method: HTTPMethod
    let route: String
    let id: String
    let begin: DispatchTime
    var tenant: String?
    let unlogged: Int
  }

  private static let mostPerSecond = 200
  private let logger: Logger
  private let state = Mutex<(second: UInt64, lines: Int, unlogged: Int)>((0, 0, 0))

  init(logger: Logger) { self.logger = logger }

  /// A line to be written with the answer; nil when this second has had its lines.
  func line(_ request: FastPathRequest, begin: DispatchTime) -> Line? {
    let second = begin.uptimeNanoseconds / 1_000_000_000
    let unlogged = state.withLock { state -> Int? in
      if second > state.second { (state.second, state.lines) = (second, 0) }
      guard state.lines < Self.mostPerSecond else {
        state.unlogged += 1
        return nil
      }
      state.lines += 1
      defer { state.unlogged = 0 }
      return state.unlogged
    }
    guard let unlogged else { return nil }
    // The route and not the address: that may hold a person's number, or a token.
    let (route, tenant): (String, String?) =
      switch request.purpose {
      case .link(let tenant): ("link", tenant.key)
      case .webhook(.inbound): ("/webhooks/twilio/inbound", nil)
      case .webhook(.status): ("/webhooks/twilio/status", nil)
      }
    return Line(
      method: request.method, route: route, id: RequestID.of(request.header("x-request-id")), begin: begin,
      tenant: tenant, unlogged: unlogged)
  }

  func write(_ line: Line, _ status: HTTPResponseStatus) {
    var metadata: Logger.Metadata = [
      "method": "\(line.method)", "route": "\(line.route)", "status": "\(status.code)",
      "ms": "\(Double(DispatchTime.now().uptimeNanoseconds - line.begin.uptimeNanoseconds) / 1_000_000)",
      "tenant": "\(line.tenant ?? "")", "request_id": "\(line.id)",
    ]
    if line.unlogged > 0 { metadata["requests_without_a_line"] = "\(line.unlogged)" }
    logger.info("Request", metadata: metadata)
  }
}
