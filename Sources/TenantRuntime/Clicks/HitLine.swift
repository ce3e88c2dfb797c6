/// A hit as the intake keeps it: a version, then numbers as LEB128 and texts as their length and UTF-8. JSON cost 40 µs a hit.
///
///     version · job (0: none) · link · at · flags (1 secure, 2 complete) · recipients nearby · method · agent · address ·
///     how many headers · each: its `HitHeader`, its value
extension LinkHit {
  private static let version: UInt8 = 1

  /// - Parameter mark: what the intake tells a row's kind by.
  func line(after mark: UInt8) -> [UInt8] {
    var out = [mark]
    out.reserveCapacity(64 + facts.userAgent.utf8.count + facts.headers.count * 40)
    out.append(Self.version)
    out.append(number: UInt64(jobID ?? 0))
    out.append(number: UInt64(link))
    out.append(number: UInt64(max(facts.at.milliseconds, 0)))
    out.append((facts.isSecure ? 1 : 0) | (facts.isComplete ? 2 : 0))
    out.append(number: UInt64(max(context.recipientsNearby, 0)))
    out.append(text: facts.method)
    out.append(text: facts.userAgent)
    out.append(text: facts.address)
    out.append(UInt8(facts.headers.count))
    facts.headers.forEach { header, value in
      out.append(header.rawValue)
      out.append(text: value)
    }
    return out
  }

  /// nil for what is no such line.
  init?(line: some Collection<UInt8>) {
    var reader = LineReader(rest: line[...])
    guard reader.byte() == Self.version, let job = reader.number(), let link = reader.number(),
      let at = reader.number(),
      let flags = reader.byte(), flags < 4, let near = reader.number(),
      let method = reader.text(most: HitFacts.longestMethod + 2),
      let agent = reader.text(most: HitFacts.longestAgent + 2),
      let address = reader.text(most: 64), let count = reader.byte(), count <= HitHeader.allCases.count
    else { return nil }
    var headers = HitHeaders()
    for _ in 0..<count {
      guard let header = reader.byte().flatMap(HitHeader.init(rawValue:)),
        let value = reader.text(most: HitFacts.longestValue + 2)
      else { return nil }
      headers[header] = value
    }
    guard reader.rest.isEmpty, let link = Int(exactly: link), let near = Int(exactly: near),
      let job = Int64(exactly: job), let at = Int64(exactly: at)
    else { return nil }
    self.init(
      jobID: job == 0 ? nil : job, link: link,
      facts: HitFacts(
        method: method, userAgent: agent, address: address, headers: headers, isSecure: flags & 1 == 1,
        isComplete: flags & 2 == 2, at: Moment(milliseconds: at)), context: HitContext(recipientsNearby: near))
  }
}

extension [UInt8] {
  fileprivate mutating func append(number: UInt64) {
    var left = number
    while left >= 0x80 {
      append(UInt8(truncatingIfNeeded: left) | 0x80)
      left >>= 7
    }
    append(UInt8(left))
  }

  fileprivate mutating func append(text: String) {
    append(number: UInt64(text.utf8.count))
    append(contentsOf: text.utf8)
  }
}

private struct LineReader<Bytes: Collection> where Bytes.Element == UInt8, Bytes.SubSequence == Bytes {
  var rest: Bytes

  mutating func byte() -> UInt8? { rest.popFirst() }

  mutating func number() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  mutating func text(most: Int) -> String? {
    guard let length = number(), length <= UInt64(most), rest.count >= Int(length) else { return nil }
    defer { rest = rest.dropFirst(Int(length)) }
    return String(decoding: rest.prefix(Int(length)), as: UTF8.self)
  }
}
