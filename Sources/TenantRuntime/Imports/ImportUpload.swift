import Foundation
import Hummingbird
import NIOCore

/// An upload on its way from the wire to the disk: streamed, never held in memory.
enum ImportUpload {
  struct Received: Sendable {
    var path: String
    /// Within the spool, which moves with the tenant: nothing in the file points outside it.
    var name: String { URL(fileURLWithPath: path).lastPathComponent }
    var bytes: Int
    /// Of the query, and of the form where there is one.
    var parameters: [String: String]
    /// Of the form alone, as they were typed.
    var typed: [String: String] = [:]
    /// Of the content type.
    var charset: String?
  }

  private static func charset(_ type: String) -> String? {
    type.firstMatch(of: #/(?i)charset\s*=\s*"?([A-Za-z0-9_:.-]+)/#).map { String($0.1) }
  }

  static let mostBytes = 1 << 30
  /// What browsers and tools call a list; what it really is, its bytes say.
  private static let kinds: Set<String> = [
    "text/csv", "text/plain", "application/octet-stream", "application/csv", "text/x-csv", "application/x-csv",
    "text/comma-separated-values", "text/tab-separated-values", "application/vnd.ms-excel", "application/excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip",
  ]

  static func receive(_ call: Call<Runtime>) async throws -> Received {
    let type = call.request.headers[.contentType] ?? "text/csv"
    let kind = type.lowercased().prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
    let boundary = kind == "multipart/form-data" ? Multipart.boundary(type) : nil
    guard boundary != nil || kinds.contains(kind) else {
      throw Refusal.unsupportedMedia("Send the file itself as text/csv, or a form as multipart/form-data.")
    }
    let slot = try call.slot(of: \.uploads)
    defer { withExtendedLifetime(slot) {} }
    let runtime = call.subject
    let path = "\(runtime.spool)/\(runtime.dependencies.random()).csv"
    var parameters = Dictionary(
      call.request.queryForm.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }
    )
    do {
      let bytes = try await spool(call, to: path)
      var typed: [String: String] = [:]
      if let boundary {
        typed = try await runtime.importLane.look { try Multipart.unpack(path, boundary: boundary) }
        parameters.merge(typed) { _, field in field }
      }
      return Received(
        path: path, bytes: bytes, parameters: parameters.filter { !$0.value.isEmpty }, typed: typed,
        charset: charset(type))
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
    do {
      for try await part in call.request.body {
        bytes += part.readableBytes
        guard bytes <= mostBytes else { throw Refusal.tooLarge("A file may have at most \(mostBytes) bytes.") }
        do { try file.write(contentsOf: part.readableBytesView) } catch {
          throw Refusal.unavailable("The upload cannot be stored; the disk may be full.")
        }
      }
    } catch let refusal as Refusal { throw refusal } catch { throw Request.brokenBody }
    try file.close()
    guard bytes > 0 else { throw Refusal.invalid("", "the file is empty") }
    return bytes
  }

  /// Finds out how the file is written, and refuses at once what can never be imported.
  static func look(_ path: String, _ asked: ImportOptions, on runtime: Runtime) async throws -> ImportOptions {
    do {
      return try await runtime.importLane.look {
        var options = asked
        options.format = try CSVFormat.normalise(
          path, asked: asked.encoding, declared: asked.declaredEncoding, region: asked.region)
        var reader = try CSVReader(path: path, format: options.format)
        options.headers = try headers(reader)
        if options.format.linesBefore == 0, isPerson(options.headers, region: options.region) {
          options.format.hasMadeHeader = true
          try nameColumns(path, options.format, count: options.headers.count)
          reader = try CSVReader(path: path, format: options.format)
          options.headers = try headers(reader)
        }
        let rows = try firstRows(reader, width: options.headers.count)
        let choice = try ColumnChoice(headers: options.headers, rows: rows, map: options.map, region: options.region)
        options.mapping = choice.mapping
        options.choices = choices(choice, options.format)
        try choice.mapping.check(options.conflicts)
        return options
      }
    } catch let failure as ImportFailure {
      throw Refusal.invalid("", failure.reason)
    }
  }

  /// The same upload with other choices: how it is written is known.
  static func lookAgain(
    _ path: String, _ asked: ImportOptions, like old: ImportOptions, chosen: [Int: ColumnMapping.Column],
    on runtime: Runtime
  ) async throws -> ImportOptions {
    do {
      return try await runtime.importLane.look {
        var options = asked
        (options.name, options.map, options.headers, options.format) = (old.name, old.map, old.headers, old.format)
        let reader = try CSVReader(path: path, format: old.format)
        _ = try headers(reader)
        let rows = try firstRows(reader, width: old.headers.count)
        let choice = try ColumnChoice(
          headers: old.headers, rows: rows, map: nil, region: asked.region, chosen: chosen)
        options.mapping = choice.mapping
        options.choices = choices(choice, old.format)
        let ofFile: Set<String?> = ["encoding", "uncertain_encoding", "no_header", "title_row"]
        let kept = (old.choices["notices"]?.list ?? []).filter { ofFile.contains($0["code"]?.text) }
        let members = (options.choices.members ?? []).map { name, value in
          (name, name == "notices" ? JSON.list((value.list ?? []) + kept) : value)
        }
        options.choices = .object(members)
        return options
      }
    } catch let failure as ImportFailure {
      throw Refusal.invalid("", failure.reason)
    }
  }

  private static func headers(_ reader: CSVReader) throws -> [String] {
    var found = try reader.next()
    while let row = found, row.problem == nil, reader.isBlank(row) { found = try reader.next() }
    guard let row = found else { throw Refusal.invalid("", "the file has no header row") }
    let bytes = reader.bytes(row)
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
      throw Refusal.invalid("", "the file is not CSV text")
    }
    if let problem = row.problem {
      throw Refusal.invalid(
        "",
        problem == .tooManyColumns
          ? "the file has more than \(CSVReader.mostColumns) columns" : "the header row is broken: \(problem.rawValue)")
    }
    return (0..<row.fieldCount).map { TextCleaner.clean(String(reader.text($0).unicodeScalars.prefix(200))) }
  }

  /// A file without names of columns begins with somebody's number.
  private static func isPerson(_ cells: [String], region: String) -> Bool {
    guard !cells.contains(where: HeaderName.isKnown) else { return false }
    var values = ColumnValues()
    for cell in cells where !cell.isEmpty { values.take(cell, region: region) }
    return values.phones > 0
  }

  /// Puts `Column 1`, `Column 2` … above the first row.
  private static func nameColumns(_ path: String, _ format: CSVFormat, count: Int) throws {
    let names = (1...count).map { "Column \($0)" }.joined(separator: String(UnicodeScalar(format.delimiter)))
    do {
      let from = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? from.close() }
      let named = path + ".named"
      guard FileManager.default.createFile(atPath: named, contents: nil, attributes: [.posixPermissions: 0o600]) else {
        throw ImportFailure(reason: "the upload cannot be stored; the disk may be full")
      }
      let to = try FileHandle(forWritingTo: URL(fileURLWithPath: named))
      defer { try? to.close() }
      try to.write(contentsOf: Data(names.utf8) + [format.newline])
      while let piece = try from.read(upToCount: 1 << 20), !piece.isEmpty { try to.write(contentsOf: piece) }
      guard rename(named, path) == 0 else {
        throw ImportFailure(reason: "the upload cannot be stored; the disk may be full")
      }
    } catch {
      try? FileManager.default.removeItem(atPath: path + ".named")
      throw error as? ImportFailure ?? ImportFailure(reason: "the upload cannot be stored; the disk may be full")
    }
  }

  private static func firstRows(_ reader: CSVReader, width: Int) throws -> [[String]] {
    var rows: [[String]] = []
    while rows.count < ColumnChoice.rowsLookedAt, let row = try reader.next() {
      if row.problem != nil || reader.isBlank(row) { continue }
      rows.append((0..<min(row.fieldCount, width)).map { reader.text($0) })
    }
    return rows
  }

  /// What is kept and answered about the columns, and what a person should look at before the commit.
  private static func choices(_ choice: ColumnChoice, _ format: CSVFormat) -> JSON {
    var notices = choice.notices.map(\.json)
    if let doubt = format.doubt {
      let others = doubt.others.map { "\($0.name) (\($0.sample))" }.joined(separator: ", ")
      notices.append(
        others.isEmpty
          ? [
            "code": "encoding", "column": nil,
            "message": .text("the file is not UTF-8; it was read as \(format.encoding.name): \(doubt.sample)"),
          ]
          : [
            "code": "uncertain_encoding", "column": nil,
            "message": .text(
              "the file is not UTF-8; it was read as \(format.encoding.name) (\(doubt.sample)) and could also be \(others); name the right one with encoding="
            ),
          ])
    }
    if format.hasMadeHeader {
      // Without quoting it: a notice stays when its person is erased.
      notices.append([
        "code": "no_header", "column": nil,
        "message":
          "the first row holds somebody's number and no names of columns; they are called Column 1 and so on: map them by these names",
      ])
    }
    if let title = format.title {
      notices.append([
        "code": "title_row", "column": nil,
        "message": .text("“\(title)” above the names of the columns is a title and was left out"),
      ])
    }
    return ["columns": choice.json, "samples": choice.samples, "notices": .list(notices), "unused": choice.unused]
  }
}
