package import GRDB
package import Hummingbird
import NIOCore

extension Call<Runtime> {
  /// One read of the tenant's file, for a page of a long answer.
  package func page<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await borrowed { runtime in try await runtime.file.read(body) }
  }

  /// The same where a condition may fit few rows or none: so many ids in one read as take some hundredths of a second, for the tenant's other
  /// work stands still meanwhile.
  /// - Parameter table: a name from the program, whose ids are looked through.
  func pageInSlices<Element: Sendable>(
    after: Int64, of table: String,
    _ body: @escaping @Sendable (_ db: Database, _ after: Int64, _ through: Int64) throws -> [Element]
  ) async throws -> [Element] {
    var (place, ids): (Int64, Int64) = (after, 500)
    while true {
      let (from, window) = (place, ids)
      let begin = ContinuousClock.now
      let (found, through, last) = try await page { db in
        let last = try Int64.fetchOne(db, sql: "SELECT max(id) FROM \(table)") ?? 0
        let through = min(last, from.addingReportingOverflow(window).partialValue)
        return (try from < through ? body(db, from, through) : [], through, last)
      }
      if !found.isEmpty || through >= last { return found }
      place = through
      ids = ContinuousClock.now - begin < .milliseconds(20) ? min(ids * 2, 50_000) : max(ids / 2, 100)
    }
  }
}

/// A list that is read a page at a time: a page's entries, and where the list goes on; nil: they are its last.
package struct LongList<Place: Sendable>: Sendable {
  let name: String
  let from: Place
  let page: @Sendable (Place) async throws -> (entries: [JSON], next: Place?)
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

  /// A JSON object of any length, as a file: its lists come behind its other members, a page at a time, as rows of a CSV file do.
  package static func json<Place: Sendable>(
    name: String, _ members: [(String, JSON)], _ lists: [LongList<Place>]
  ) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "application/json; charset=utf-8",
        .contentDisposition: "attachment; filename=\"\(name)\"", .cacheControl: "no-store",
      ],
      body: ResponseBody { writer in
        var text = String(JSON.object(members).serialized.dropLast())
        for list in lists {
          text += (text == "{" ? "" : ",") + JSON.text(list.name).serialized + ":["
          var (place, isFirst) = (Place?.some(list.from), true)
          while let from = place {
            let (entries, next) = try await list.page(from)
            for entry in entries {
              text += (isFirst ? "" : ",") + entry.serialized
              isFirst = false
            }
            try await writer.write(ByteBuffer(string: text))
            (text, place) = ("", next)
          }
          text += "]"
        }
        try await writer.write(ByteBuffer(string: text + "}"))
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
