import GRDB

/// Pictures and files that came with a text. Here they are only written down, from the form as it came: where the provider keeps
/// them and what it calls them.
///
/// `MediaFetcher` takes rows in state `recorded` and writes `fetched` with `bytes`, or `failed` with `failure`. The address is never shown:
/// it opens the provider's store.
enum MessageMedia {
  /// As many as a text can carry (Twilio: MediaUrl0 … MediaUrl9).
  static let most = 10
  private static let longestURL = 2048
  private static let longestType = 100

  /// True when there is something to fetch.
  static func record(_ db: Database, message: Int64, form raw: String) throws -> Bool {
    guard raw.contains("MediaUrl") else { return false }
    var isAny = false
    let form = FormBody(raw.utf8)
    for position in 0..<most {
      guard let url = form["MediaUrl\(position)"], isAddress(url) else { continue }
      let type = (form["MediaContentType\(position)"] ?? "").lowercased()
      try db.execute(
        sql: "INSERT INTO message_media (message_id, position, content_type, url) VALUES (?, ?, ?, ?)",
        arguments: [message, position, isType(type) ? type : "application/octet-stream", url])
      isAny = true
    }
    return isAny
  }

  private static func isAddress(_ text: String) -> Bool {
    text.utf8.count <= longestURL && (text.hasPrefix("https://") || text.hasPrefix("http://"))
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  private static func isType(_ text: String) -> Bool {
    text.utf8.count <= longestType && text.wholeMatch(of: /[a-z0-9.+-]+\/[a-z0-9.+-]+/) != nil
  }

  /// For a SELECT over `messages m`: what came with it, as JSON.
  static let column = """
    (SELECT json_group_array(json_object('position', position, 'content_type', content_type, 'state', state, 'bytes', bytes,
    'failure', failure)) FROM (SELECT * FROM message_media WHERE message_id = m.id ORDER BY position)) AS media
    """
}
