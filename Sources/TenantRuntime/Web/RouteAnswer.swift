import GRDB
import HTTPTypes
package import Hummingbird
import NIOCore

extension Route {
  /// Runs the handler on the terms of the request.
  /// - Parameter file: where answers of this subject's requests are kept.
  /// - Parameter isOneTransaction: what is refused behind it has been done all the same. Else what was refused may be tried again.
  package func answer(
    _ call: Call<Subject>, in file: SQLiteFile, _ running: RunningRequests, isOneTransaction: Bool,
    now: @Sendable () -> Moment
  ) async throws -> Response {
    if method == .get {
      let response = try await handler(call)
      return whole == nil ? response : try await response.tagged(for: call.request)
    }
    let once = try OnceOnly(call, operation)
    let (ifMatch, ifNoneMatch) = (call.request.headers[.ifMatch], call.request.headers[.ifNoneMatch])
    if once == nil, ifMatch == nil, ifNoneMatch == nil { return try await carryOut(call) }
    if whole == nil, ifMatch != nil {
      throw Refusal.preconditionFailed("What this address changes has no ETag: send the request without If-Match.")
    }
    var call = call
    let terms = RequestTerms(
      once: once, ifMatch: ifMatch, ifNoneMatch: ifNoneMatch, whole: try whole.map { try $0(call) })
    call.caller.terms = terms
    guard let once else {
      var response = try await carryOut(call)
      if let tag = terms.tagAfter, response.status.code < 300 { response.headers[.eTag] = tag.text }
      return response
    }
    return try await running.run(once) { [call] in
      try await answer(call, once, in: file, isOneTransaction, at: now())
    }
  }

  private func carryOut(_ call: Call<Subject>) async throws -> Response {
    if operation.takesNoBody { try await call.refuseBody() }
    return try await handler(call)
  }

  private func answer(
    _ call: Call<Subject>, _ once: OnceOnly, in file: SQLiteFile, _ isOneTransaction: Bool, at: Moment
  ) async throws -> Response {
    var call = call
    let body = DigestedBody(body: call.request.body, once: once)
    if let kept = try await file.read({ db in try once.find(db, at: at) }) {
      do { for try await _ in body {} } catch { throw Request.brokenBody }
      return try once.replay(kept)
    }
    call.request.body = RequestBody(asyncSequence: body)
    let response: Response
    do { response = try await carryOut(call) } catch  where !isOneTransaction && once.isClaimed {
      try await file.write { db in try once.withdraw(db) }
      throw error
    }
    guard response.status.code < 300, !once.isKept else { return response }
    let (copy, bytes) = try await response.collected(most: OnceOnly.longestAnswer)
    if let bytes {
      try await file.write { db in
        try once.keep(db, status: copy.status, text: String(buffer: bytes), at: at)
      }
    }
    return copy
  }

}

extension Response {
  /// Its bytes, and the same answer from memory; nil when they are too many, or come by and by.
  package func collected(most bytes: Int) async throws -> (Response, ByteBuffer?) {
    guard let length = body.contentLength, length <= bytes else { return (self, nil) }
    let writer = BodyCollector()
    try await body.write(writer)
    let collected = writer.bytes
    var copy = self
    copy.body = ResponseBody(byteBuffer: collected)
    return (copy, collected)
  }

  /// With the tag of what it shows; without a body when the client has just that.
  func tagged(for request: Request) async throws -> Response {
    guard status == .ok else { return self }
    let (copy, bytes) = try await collected(most: OnceOnly.longestAnswer)
    guard let bytes else { return copy }
    var tagged = copy
    let tag = EntityTag(of: bytes.readableBytesView)
    tagged.headers[.eTag] = tag.text
    // Asked for again each time, and cheap then; `no-store` would forbid that.
    tagged.headers[.cacheControl] = "private, no-cache"
    guard let list = request.headers[.ifNoneMatch], tag.isAmong(list) else { return tagged }
    tagged.headers[.contentType] = nil
    return Response(status: .notModified, headers: tagged.headers)
  }
}

/// An answer's body, written to memory.
private final class BodyCollector: ResponseBodyWriter {
  private(set) var bytes = ByteBuffer()

  func write(_ buffer: ByteBuffer) async throws { bytes.writeImmutableBuffer(buffer) }
  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
