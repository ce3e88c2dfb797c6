import Hummingbird
import NIOCore

/// Rows of a report as a CSV file: what its JSON says, a column a figure. `errors.0.code` is the member of a member, or of an entry of a list.
enum ReportTable {
  static func csv(_ rows: [JSON], _ columns: [String]) -> String {
    let paths = columns.map(path)
    return CSVText.line(columns) + rows.map { CSVText.line(fields($0, paths)) }.joined()
  }

  static func fields(_ row: JSON, _ columns: [String]) -> [String] { fields(row, columns.map(path)) }

  private static func path(_ column: String) -> [String] { column.split(separator: ".").map(String.init) }

  private static func fields(_ row: JSON, _ paths: [[String]]) -> [String] {
    paths.map { path in
      let value = path.reduce(row as JSON?) { value, part in
        guard let value else { return nil }
        if let list = value.list { return Int(part).flatMap { list.indices.contains($0) ? list[$0] : nil } }
        return value[part]
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
