package import GRDB
package import Hummingbird
import NIOCore

extension Call<Runtime> {
  /// One read of the tenant's file, for a page of a long answer.
  package func page<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await borrowed { runtime in try await runtime.file.read(body) }
  }
}

extension Response {
  /// A CSV file of any length, a page at a time, so that memory stays flat and no reader pins the WAL. `page` gets the last id it has
  /// given out and answers the next rows; none ends the file.
  package static func csv(
    name: String, header: [String],
    page: @escaping @Sendable (_ after: Int64) async throws -> [(id: Int64, fields: [String])]
  ) async throws -> Response {
    // Before the head goes out, so that a refusal is still an answer of its own.
    let first = try await page(0)
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"\(name)\"",
        .cacheControl: "no-store",
      ],
      body: ResponseBody { writer in
        var rows = first
        var text = CSVText.line(header)
        while let last = rows.last {
          for row in rows { text += CSVText.line(row.fields) }
          try await writer.write(ByteBuffer(string: text))
          text = ""
          rows = try await page(last.id)
        }
        if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
        try await writer.finish(nil)
      })
  }

  /// Server-sent events (WHATWG HTML 9.2): what `next` answers, until it says that no more will come, or refuses to go on.
  package static func events(
    every pause: Duration, atMost most: Int, _ next: @escaping @Sendable () async throws -> (event: JSON, goesOn: Bool)
  ) -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        for _ in 0..<most {
          guard let (event, goesOn) = try await refusedAsNil(next) else { break }
          try await writer.write(ByteBuffer(string: "data: \(event.serialized)\n\n"))
          if !goesOn { break }
          try await Task.sleep(for: pause)
        }
        try await writer.finish(nil)
      })
  }

  /// The client's next request is told why.
  private static func refusedAsNil<Value>(_ body: () async throws -> Value) async throws -> Value? {
    do { return try await body() } catch is Refusal { return nil }
  }
}
