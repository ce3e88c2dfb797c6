import Foundation
import GRDB
import Hummingbird
import NIOCore

enum ImportRoutes {
  static let all: [Route<Runtime>] = [
    Route(.get, "imports", needs: .readImports, list),
    Route(.post, "imports", needs: .runImports, create),
    Route(.get, "imports/:id", needs: .readImports, show),
    Route(.get, "imports/:id/rejected.csv", needs: .readImports, rejected),
  ]
  /// An upload is streamed to disk, never held in memory.
  static let mostBytes = 1 << 30

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    guard let mode = ImportBatch.Mode(rawValue: call.query("mode") ?? "commit") else {
      throw Refusal.invalid("mode", "must be dry-run or commit")
    }
    if let type = call.request.headers[.contentType]?.lowercased(), !type.hasPrefix("text/csv"),
      !type.hasPrefix("text/plain"),
      !type.hasPrefix("application/octet-stream")
    {
      throw Refusal.unsupportedMedia("Send the file itself as text/csv.")
    }
    let map = call.query("map")
    let runtime = call.subject
    let path = "\(runtime.spool)/\(runtime.outside.random()).csv"
    do {
      let bytes = try await spool(call, to: path)
      let headers = try await readHeaders(path, map: map, on: runtime)
      let now = runtime.outside.now()
      let actor = call.actor.name
      let batch = try await runtime.file.write { db in
        let batch = try ImportBatch.begin(
          db, mode: mode, file: path, bytes: bytes, headers: headers, map: map, actor: actor, at: now)
        try Audit.append(db, call: actor, "import.\(mode.rawValue)", "import:\(batch.id)", at: now)
        return batch
      }
      runtime.nudge(.imports)
      return JSON.object([("id", .int(batch.id)), ("state", .text(batch.state))]).response(status: .accepted)
    } catch {
      try? FileManager.default.removeItem(atPath: path)
      throw error
    }
  }

  private static func spool(_ call: Call<Runtime>, to path: String) async throws -> Int {
    try FileManager.default.createDirectory(atPath: call.subject.spool, withIntermediateDirectories: true)
    guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
      let file = FileHandle(forWritingAtPath: path)
    else { throw Refusal.unavailable("The upload cannot be stored; the disk may be full.") }
    var bytes = 0
    for try await part in call.request.body {
      bytes += part.readableBytes
      guard bytes <= mostBytes else { throw Refusal.tooLarge("A file may have at most \(mostBytes) bytes.") }
      do { try file.write(contentsOf: part.readableBytesView) } catch {
        throw Refusal.unavailable("The upload cannot be stored; the disk may be full.")
      }
    }
    try file.close()
    guard bytes > 0 else { throw Refusal.invalid("", "the file is empty") }
    return bytes
  }

  /// Refuses at once what can never be imported.
  private static func readHeaders(_ path: String, map: String?, on runtime: Runtime) async throws -> [String] {
    try await withCheckedThrowingContinuation { continuation in
      runtime.importLane.async {
        continuation.resume(
          with: Result {
            guard var reader = try? CSVReader(path: path), let row = try? reader.next() else {
              throw Refusal.invalid("", "the file has no header row")
            }
            guard !row.bytes.contains(0), let headers = CSVReader.fields(row.bytes) else {
              throw Refusal.invalid("", "the file is not CSV in UTF-8")
            }
            guard headers.count <= CSVReader.mostColumns else {
              throw Refusal.invalid("", "the file has more than \(CSVReader.mostColumns) columns")
            }
            _ = try ColumnMapping(headers: headers, map: map)
            return headers
          })
      }
    }
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(page, "SELECT * FROM import_batches WHERE id > ? ORDER BY id", [page.after])
    {
      try ImportBatch($0).row
    }
  }

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "import")
    return try await call.subject.file.read { db in try ImportBatch.find(db, id: id).row }.response()
  }

  /// The rejected rows as they came, with the reason: fix them and upload this file.
  @Sendable private static func rejected(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "import")
    let text = try await call.subject.file.read { db in
      let batch = try ImportBatch.find(db, id: id)
      var out =
        (batch.headers + ["reject_reason", "reject_detail", "reject_row"]).map(CSVReader.escape).joined(separator: ",")
        + "\r\n"
      let rows = try Row.fetchCursor(
        db,
        sql: "SELECT * FROM import_rejects WHERE import_id = ? ORDER BY row_number LIMIT \(ImportCheck.mostRejects)",
        arguments: [id])
      while let row = try rows.next() {
        let original: String = row["original"]
        var fields = CSVReader.fields(Array(original.utf8)) ?? [original]
        fields = Array(fields.prefix(batch.headers.count))
        fields += Array(repeating: "", count: batch.headers.count - fields.count)
        fields += [row["reason"], row["detail"], String(row["row_number"] as Int64)]
        out += fields.map(CSVReader.escape).joined(separator: ",") + "\r\n"
      }
      return out
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"rejected-\(id).csv\"",
        .cacheControl: "no-store",
      ], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
