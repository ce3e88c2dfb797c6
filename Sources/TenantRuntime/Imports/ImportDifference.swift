/// What an import changes, in figures and a sample; kept with the import in the transaction of each slice, so that it is exact after a
/// crash too.
struct ImportDifference: Sendable {
  static let mostSamples = 20

  /// Updated contacts, by the column that changed.
  var changed: [String: Int64] = [:]
  var rejected: [String: Int64] = [:]
  var warnings: [String: Int64] = [:]
  var sample: [JSON] = []
  /// What the check has found out about whole columns.
  var notices: [JSON] = []

  init() {}

  mutating func note(widened: [String], leftOut: [String]) {
    for name in widened {
      notices.append(
        notice("field_widened", name, "the field \(name) has met values of another type and is text from now on"))
    }
    if !leftOut.isEmpty {
      let names = leftOut.prefix(20).joined(separator: ", ")
      notices.append(
        notice(
          "fields_left_out", nil,
          "\(leftOut.count) columns are beyond the \(ContactField.most) fields and are left out: \(names)"))
    }
    for (column, count) in warnings.sorted(by: { $0.key < $1.key }) {
      switch column {
      case "phone":
        notices.append(notice("next_phone", nil, "\(count) rows: the phone cannot be texted, the next one was taken"))
      case "phone_others":
        notices.append(
          notice(
            "several_phones", nil,
            "\(count) rows have several numbers in one cell; the first that can be texted was taken"))
      default:
        notices.append(
          notice(
            "values_left_out", column, "\(count) rows: what they say for \(column) cannot be kept and is left out"))
      }
    }
  }

  /// Said once, however many there are.
  mutating func noteRepeats() {
    let said = notice(
      "repeated_numbers", nil,
      "a number stands in more than \(SortedRows.mostKept) rows; the further ones are counted as duplicates and not listed"
    )
    if !notices.contains(where: { $0["code"]?.text == "repeated_numbers" }) { notices.append(said) }
  }

  private func notice(_ code: String, _ column: String?, _ message: String) -> JSON {
    ["code": .text(code), "column": .optional(column), "message": .text(message)]
  }

  init(_ json: JSON) {
    func counts(_ name: String) -> [String: Int64] {
      Dictionary(
        (json[name]?.members ?? []).compactMap { name, value in value.int.map { (name, $0) } },
        uniquingKeysWith: { _, last in last })
    }
    changed = counts("changed")
    rejected = counts("rejected")
    warnings = counts("warnings")
    sample = json["sample"]?.list ?? []
    notices = json["notices"]?.list ?? []
  }

  var json: JSON {
    [
      "changed": columns, "rejected": reasons, "warnings": warningJSON, "sample": .list(sample),
      "notices": .list(notices),
    ]
  }
  var columns: JSON { Self.object(changed) }
  var reasons: JSON { Self.object(rejected) }
  var warningJSON: JSON { Self.object(warnings) }

  mutating func note(row: UInt32, phone: PhoneNumber?, changes: [(column: String, before: String?, after: String)]) {
    for change in changes { changed[change.column, default: 0] += 1 }
    guard sample.count < Self.mostSamples else { return }
    sample.append([
      "row": .int(Int64(row)), "phone": .phone(phone),
      "changes": .object(changes.map { ($0.column, ["before": .optional($0.before), "after": .text($0.after)]) }),
    ])
  }

  private static func object(_ counts: [String: Int64]) -> JSON {
    .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
  }
}
