import Foundation
import GRDB
import Hummingbird

enum ImportRoutes {
  static let all: [Route<Runtime>] = [
    Route(.get, "imports", needs: .readImports, about: "Imports", query: .page, answers: [.page(.importSummary)], list),
    Route(
      .post, "imports", needs: .runImports, about: "Upload a list of contacts: a dry run, or at once",
      query: .importOptions,
      body: .content([
        "text/csv", "multipart/form-data", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      ]), answers: [.accepted(.importBegun)], create),
    Route(.get, "imports/:id", needs: .readImports, about: "One import", answers: [.ok(.importBatch)], show),
    Route(
      .get, "imports/:id/progress", needs: .readImports, about: "The import as server-sent events until it is finished",
      answers: [.events], progress),
    Route(
      .get, "imports/:id/rejected.csv", needs: .readImports, also: .readContacts,
      about: "Rejected rows with the reason, to be mended and uploaded", answers: [.csv], rejected),
    Route(
      .post, "imports/:id/commit", needs: .runImports, about: "Import what a dry run looked at",
      answers: [.accepted(.importState)], commit),
    Route(
      .post, "imports/:id/cancel", needs: .runImports, about: "Cancel an import", answers: [.accepted(.importState)],
      cancel),
    ImportLook.route,
    Route(
      .post, "imports/:id/undo", needs: .runImports, about: "Take back what an import changed",
      answers: [.accepted(.importState)], undo),
  ]

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    let runtime = call.subject
    let upload = try await ImportUpload.receive(call)
    do {
      guard let mode = upload.parameters["mode"].flatMap(ImportBatch.Mode.init(rawValue:)) else {
        throw Refusal.invalid("mode", "is required: dry-run or commit")
      }
      var asked = try ImportOptions(upload.parameters, at: runtime.dependencies.now())
      asked.declaredEncoding = upload.charset.flatMap(TextEncoding.init(label:))
      let options = try await ImportUpload.look(upload.path, asked, on: runtime)
      let batch = try await call.transact { change in
        try ImportBatch.begin(change, mode: mode, file: upload.name, bytes: upload.bytes, options)
      }
      let seen = batch.members.filter { ["columns", "notices", "warnings", "options"].contains($0.0) }
      return JSON.object([("id", .int(batch.id)), ("state", .text(batch.state.rawValue))] + seen).response(
        status: .accepted)
    } catch {
      try? FileManager.default.removeItem(atPath: upload.path)
      guard let refusal = error as? Refusal, !upload.typed.isEmpty else { throw error }
      throw RefusedUpload(refusal: refusal, typed: upload.typed)
    }
  }

  static func answer(_ batch: ImportBatch) -> Response {
    JSON.object([("id", .int(batch.id)), ("state", .text(batch.state.rawValue))]).response(status: .accepted)
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(page, "SELECT * FROM import_batches WHERE id > ? ORDER BY id", [page.after])
    { row in
      .object(try ImportBatch(row).members.filter { !["sample", "columns"].contains($0.0) })
    }
  }

  static func json(_ id: Int64, _ runtime: Runtime) async throws -> JSON {
    let members = try await runtime.file.read { db in try ImportBatch.find(db, id: id).members }
    return .object(members + [("progress", runtime.importProgress.json(id))])
  }

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    try await json(try call.id(of: "import"), call.subject).response()
  }

  /// The import as server-sent events, twice a second, until it is finished; at most an hour.
  @Sendable private static func progress(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "import")
    _ = try await json(id, call.subject)
    let slot = try call.slot(of: \.streams)
    return Response.events(every: .milliseconds(500), atMost: 7_200) {
      defer { withExtendedLifetime(slot) {} }
      let now = try await call.borrowed { runtime in try await json(id, runtime) }
      return (now, ["checking", "applying"].contains(now["state"]?.text))
    }
  }

  @Sendable private static func commit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "import")
    return answer(try await call.transact { change in try ImportBatch.commit(change, id) })
  }

  @Sendable private static func cancel(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "import")
    return answer(try await call.transact { change in try ImportBatch.cancel(change, id) })
  }

  @Sendable private static func undo(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "import")
    return answer(try await call.transact { change in try ImportBatch.undo(change, id) })
  }

  /// The rejected rows as they came, with the reason: fix them and upload this file.
  @Sendable private static func rejected(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "import")
    let batch = try await call.subject.file.read { db in try ImportBatch.find(db, id: id) }
    let options = batch.options
    let width = options.headers.count
    // While a file is looked at again, what the former look has refused goes by and by.
    let isChecking = batch.state == .checking
    return try await Response.csv(
      name: "rejected-\(id).csv", header: ["reject_row", "reject_reason", "reject_detail"] + options.headers
    ) { after in
      try await call.page { db in
        try Row.fetchAll(
          db.cachedStatement(
            sql: """
              SELECT * FROM import_rejects WHERE import_id = ? AND row_number > ? AND ? ORDER BY row_number LIMIT 200
              """), arguments: [id, after, !isChecking]
        ).map { row in
          let number: Int64 = row["row_number"]
          // What is more than the header has stays at the end, so that nothing is lost and the row is refused again unless mended.
          let fields = CSVText.fields(row["original"], delimiter: options.format.delimiter)
          let padding = Array(repeating: "", count: max(0, width - fields.count))
          return (id: number, fields: [String(number), row["reason"], row["detail"]] + fields + padding)
        }
      }
    }
  }
}
