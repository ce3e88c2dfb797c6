import Hummingbird
import NIOCore

extension Report {
  /// The report as `section,key,figure,value`, a line a figure: `totals,,replies,12`, `by_number,+14155550123,sent,40`,
  /// `by_variant,Short,clicks.human,7`. A row of a list is named by its first member.
  package static func csv(_ report: JSON) -> String {
    var text = CSVText.line(["section", "key", "figure", "value"])
    for (section, value) in report.members ?? [] {
      switch value {
      case .list(let rows): for row in rows { add(row, section, to: &text) }
      case .object: add(value, section, key: "", to: &text)
      default: text += CSVText.line(["totals", "", section, plain(value)])
      }
    }
    return text
  }

  private static func add(_ row: JSON, _ section: String, to text: inout String) {
    guard let members = row.members, let first = members.first else { return }
    add(.object(Array(members.dropFirst())), section, key: plain(first.1), to: &text)
  }

  private static func add(_ figures: JSON, _ section: String, key: String, to text: inout String) {
    for (name, value) in figures.members ?? [] {
      if let inner = value.members {
        for (figure, value) in inner { text += CSVText.line([section, key, "\(name).\(figure)", plain(value)]) }
      } else {
        text += CSVText.line([section, key, name, plain(value)])
      }
    }
  }

  private static func plain(_ value: JSON) -> String {
    if case .null = value { "" } else { value.text ?? value.serialized }
  }
}

extension CampaignRoutes {
  @Sendable static func reportCSV(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    let report = try await call.subject.file.read { db in try Report.whole(db, campaign: id) }
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"campaign-\(id).csv\"",
        .cacheControl: "no-store",
      ], body: .init(byteBuffer: ByteBuffer(string: Report.csv(report))))
  }
}
