import Foundation

/// A spooled `multipart/form-data` body (RFC 7578): its small fields, and its one file cut out on disk.
enum Multipart {
  private static let mostHeader = 8 << 10
  private static let mostField = 16 << 10
  private static let mostParts = 40

  static func boundary(_ contentType: String) -> String? {
    for part in contentType.split(separator: ";").dropFirst() {
      let sides = part.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
      guard sides.count == 2, sides[0].lowercased() == "boundary" else { continue }
      let value = sides[1].trimmingCharacters(in: ["\""])
      return (1...70).contains(value.utf8.count) ? value : nil
    }
    return nil
  }

  /// Leaves the file at `path` and answers the fields; the file's own name is `name`, unless a field says another. What is refused brings the
  /// fields that were read by then.
  static func unpack(_ path: String, boundary: String) throws -> [String: String] {
    var fields: [String: String] = [:]
    do { try read(path, boundary, into: &fields) } catch let refusal as Refusal {
      throw RefusedUpload(refusal: refusal, typed: fields)
    }
    return fields
  }

  private static func read(_ path: String, _ boundary: String, into fields: inout [String: String]) throws {
    let whole = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? whole.close() }
    let size = try whole.seekToEnd()
    let marker = Data("--\(boundary)".utf8)
    var file: Range<UInt64>?
    guard var at = try find(marker, in: whole, from: 0, size: size) else { throw broken }
    for _ in 0..<mostParts {
      at += UInt64(marker.count)
      try whole.seek(toOffset: at)
      let head = try whole.read(upToCount: mostHeader) ?? Data()
      if head.starts(with: Data("--".utf8)) {
        guard let file else { throw Refusal.invalid("file", "the form has no file part") }
        try cut(whole, file, to: path)
        return
      }
      guard let blank = head.range(of: Data("\r\n\r\n".utf8)) else { throw broken }
      let start = at + UInt64(blank.upperBound - head.startIndex)
      guard let next = try find(Data("\r\n".utf8) + marker, in: whole, from: start, size: size) else { throw broken }
      let headers = String(decoding: head[..<blank.lowerBound], as: UTF8.self)
      if headers.contains("filename=") {
        if let file, !file.isEmpty, start < next {
          throw Refusal.invalid("file", "must be one file: import one at a time")
        }
        if file?.isEmpty != false { file = start..<next }
        if let match = headers.firstMatch(of: /filename="([^"\r\n]{1,1000})"/) {
          let name = match.1.split { $0 == "/" || $0 == "\\" }.last ?? ""
          if fields["name"] == nil { fields["name"] = String(name.unicodeScalars.prefix(200)) }
        }
      } else if let name = headers.firstMatch(of: /[; ]name="([^"]{1,60})"/) {
        guard next - start <= mostField else { throw Refusal.tooLarge("The form field \(name.1) is too long.") }
        try whole.seek(toOffset: start)
        fields[String(name.1)] = String(decoding: try whole.read(upToCount: Int(next - start)) ?? Data(), as: UTF8.self)
      }
      at = next + 2
    }
    throw broken
  }

  private static var broken: Refusal { Refusal.invalid("", "the multipart body is not well formed") }

  private static func find(_ wanted: Data, in file: FileHandle, from start: UInt64, size: UInt64) throws -> UInt64? {
    var offset = start
    while offset < size {
      try file.seek(toOffset: offset)
      guard let chunk = try file.read(upToCount: 1 << 20), chunk.count >= wanted.count else { return nil }
      if let found = chunk.range(of: wanted) { return offset + UInt64(found.lowerBound - chunk.startIndex) }
      offset += UInt64(chunk.count - wanted.count + 1)
    }
    return nil
  }

  private static func cut(_ file: FileHandle, _ range: Range<UInt64>, to path: String) throws {
    let part = path + ".part"
    guard FileManager.default.createFile(atPath: part, contents: nil, attributes: [.posixPermissions: 0o600]),
      let out = FileHandle(forWritingAtPath: part)
    else { throw Refusal.unavailable("The upload cannot be stored; the disk may be full.") }
    try file.seek(toOffset: range.lowerBound)
    var left = Int(range.upperBound - range.lowerBound)
    while left > 0, let chunk = try file.read(upToCount: min(left, 1 << 20)), !chunk.isEmpty {
      try out.write(contentsOf: chunk)
      left -= chunk.count
    }
    try out.close()
    guard rename(part, path) == 0 else { throw Refusal.unavailable("The upload cannot be stored.") }
  }
}
