import GRDB
import Hummingbird

/// `POST imports/ID/columns`: the upload of a dry run is tried again with other choices, at the same address. What is left out stays as it is.
enum ImportLook {
  private static let onConflict = Field<ImportOptions.Conflict>.choice(
    "on_conflict", about: "What happens where the file and a contact differ.")

  static let route = Route<Runtime>(
    .post, "imports/:id/columns", needs: .runImports, about: "Try the file of a dry run again, with other choices",
    body: .json([
      Documented(
        "columns",
        Shape.map(
          .object(
            [:],
            optional: [
              "as": .text(example: "first_name"), "conflict": Shape.choice(ImportOptions.Conflict.self).orNull,
            ]), example: "0"
        ).example(["0": ["as": "phone"]]).about("By the place of the column in the file, from 0.").orNull), onConflict,
      Documented("country", Shape.text(example: "US").orNull),
      Documented("tags", Shape.list(.text(example: "vip"), most: 20).orNull),
      Documented("audience", Shape.text(example: "Spring").orNull),
      Documented("consent_source", Shape.text(most: 200, example: "shop").orNull),
      Documented("consent_wording", Shape.text(most: 2000, example: "I agree to texts").orNull),
      Documented("consent_date", Shape.text(example: "2026-11-23").orNull),
    ]), answers: [.accepted(.importState)], again)

  private struct Wish {
    var column: ColumnMapping.Column?
    var rule: ImportOptions.Conflict?
  }

  @Sendable private static func again(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "import")
    let runtime = call.subject
    let batch = try await runtime.file.read { db in try ImportBatch.find(db, id: id) }
    let old = batch.options
    var fields = try await call.fields()
    let wishes = wishes(&fields, width: old.headers.count)
    let asked = try options(&fields, old, at: runtime.dependencies.now())
    try fields.finish()
    try batch.refuseUnlessOpenDryRun()
    let path = "\(runtime.spool)/\(batch.file)"
    var found = asked
    let changed = wishes.filter { index, wish in wish.column.map { $0 != old.mapping.columns[index] } ?? false }
    if changed.isEmpty, asked.region == old.region {
      (found.name, found.map, found.headers, found.format) = (old.name, old.map, old.headers, old.format)
      (found.mapping, found.choices) = (old.mapping, old.choices)
    } else {
      let chosen = said(old).merging(changed.compactMapValues(\.column)) { _, new in new }
      found = try await ImportUpload.lookAgain(path, asked, like: old, chosen: chosen, on: runtime)
    }
    found.conflicts = rules(wishes, old, found)
    return ImportRoutes.answer(
      try await call.transact { [found] change in try ImportBatch.lookAgain(change, id, found, since: old) })
  }

  private static func wishes(_ fields: inout Fields, width: Int) -> [Int: Wish] {
    guard var columns = fields.object("columns") else { return [:] }
    var found: [Int: Wish] = [:]
    for name in columns.names {
      guard let index = Int(name), (0..<width).contains(index), String(index) == name else {
        columns.fail(name, "is no column of this file: they are counted from 0")
        continue
      }
      guard var column = columns.object(name) else { continue }
      var wish = Wish()
      if let text = column.text("as", most: 80) {
        wish.column = ColumnMapping.Column(name: text)
        if wish.column == nil { column.fail("as", "must be like phone, first_name, field.city or ignore") }
      }
      wish.rule = column.choice("conflict", ImportOptions.Conflict.self)
      columns.absorb(column)
      found[index] = wish
    }
    fields.absorb(columns)
    let chosen = found.values.compactMap(\.column).filter { !$0.mayRepeat }
    for column in Set(chosen) where chosen.filter({ $0 == column }).count > 1 {
      fields.fail("columns", "names two columns for \(column.name)")
    }
    return found
  }

  /// Columns that somebody has named before.
  private static func said(_ old: ImportOptions) -> [Int: ColumnMapping.Column] {
    var said: [Int: ColumnMapping.Column] = [:]
    for (index, column) in (old.choices["columns"]?.list ?? []).enumerated()
    where column["why"]?.text == ColumnChoice.askedFor && old.mapping.columns.indices.contains(index) {
      said[index] = old.mapping.columns[index]
    }
    return said
  }

  /// Read as those of an upload are.
  private static func options(_ fields: inout Fields, _ old: ImportOptions, at now: Moment) throws -> ImportOptions {
    var given: [String: String] = [:]
    given["on_conflict"] = fields.take(onConflict)?.rawValue ?? old.onConflict.rawValue
    given["country"] = fields.text("country", most: 2) ?? old.region
    let tags = fields.list("tags", most: 20)?.compactMap(\.text)
    given["tags"] = (tags ?? old.tags.filter { $0 != old.audience }).joined(separator: ",")
    given["audience"] = fields.text("audience", most: Tag.longest) ?? (fields.has("audience") ? nil : old.audience)
    for (name, most) in [("consent_source", 200), ("consent_wording", 2000), ("consent_date", 40)] {
      given[name] = fields.text(name, most: most)
    }
    let saysConsent = ["consent_source", "consent_wording", "consent_date"].contains { fields.has($0) }
    var options = try ImportOptions(given.filter { !$0.value.isEmpty }, at: now)
    if !saysConsent { options.attestation = old.attestation }
    // A form says the day alone; of the same day the moment stays.
    if let at = old.attestation?.at, let date = given["consent_date"], at.iso8601.hasPrefix(date) {
      options.attestation?.at = at
    }
    return options
  }

  private static func rules(
    _ wishes: [Int: Wish], _ old: ImportOptions, _ found: ImportOptions
  ) -> [String: ImportOptions.Conflict] {
    let columns = found.mapping.columns
    var rules = old.conflicts.filter { name, _ in columns.contains { $0.name == name && $0.hasConflicts } }
    for (index, wish) in wishes where columns[index].hasConflicts {
      rules[columns[index].name] = wish.rule == found.onConflict ? nil : wish.rule ?? rules[columns[index].name]
    }
    return rules
  }
}
