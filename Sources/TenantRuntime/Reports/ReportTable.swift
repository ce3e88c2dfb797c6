import Hummingbird
import NIOCore

/// Rows of a report as a CSV file: what its JSON says, a column a figure. `errors.0.code` is the member of a member, or of an entry of a list.
enum ReportTable {
  static func csv(_ rows: [JSON], _ columns: [String]) -> String {
    CSVText.line(columns) + rows.map { CSVText.line(fields($0, columns)) }.joined()
  }

  static func fields(_ row: JSON, _ columns: [String]) -> [String] {
    columns.map { column in
      let value = column.split(separator: ".").reduce(row as JSON?) { value, part in
        guard let value else { return nil }
        if let list = value.list { return Int(part).flatMap { list.indices.contains($0) ? list[$0] : nil } }
        return value[String(part)]
      }
      return value.map(plain) ?? ""
    }
  }

  static func plain(_ value: JSON) -> String {
    if case .null = value { "" } else { value.text ?? value.serialized }
  }

  static func file(_ name: String, _ rows: [JSON], _ columns: [String]) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"\(name).csv\"",
        .cacheControl: "no-store",
      ], body: .init(byteBuffer: ByteBuffer(string: csv(rows, columns))))
  }
}
