/// Hits as a row of the intake keeps them: those that came together, and what their clients say once for all of them. A version, then numbers
/// as LEB128 and texts as their length and UTF-8:
///
///     version · how many clients · each: its length, its `HitClientLine` · how many hits · each: job (0: none) · link · at ·
///     flags (1 secure, 2 complete) · recipients nearby · method · address · the index of its client
enum HitBatch {
  private static let version: UInt8 = 2

  /// - Parameter mark: what the intake recognizes a row's kind by.
  static func write(_ hits: [LinkHit], after mark: UInt8) -> [UInt8] {
    let (clients, indices) = clients(hits)
    var out = [mark, version]
    out.reserveCapacity(32 + clients.reduce(0) { $0 + $1.line.count + 3 } + hits.count * 48)
    out.append(number: UInt64(clients.count))
    for client in clients {
      out.append(number: UInt64(client.line.count))
      out.append(contentsOf: client.line)
    }
    out.append(number: UInt64(hits.count))
    for (hit, index) in zip(hits, indices) {
      let facts = hit.facts
      out.append(number: UInt64(hit.jobID ?? 0))
      out.append(number: UInt64(hit.link))
      out.append(number: UInt64(max(facts.at.milliseconds, 0)))
      out.append((facts.isSecure ? 1 : 0) | (facts.isComplete ? 2 : 0))
      out.append(number: UInt64(max(hit.context.recipientsNearby, 0)))
      out.append(text: facts.method)
      out.append(text: facts.address)
      out.append(number: UInt64(index))
    }
    return out
  }

  /// Each client once, and for each hit the index of its own.
  private static func clients(_ hits: [LinkHit]) -> ([HitClient], [Int]) {
    var (clients, known): ([HitClient], [ObjectIdentifier: Int]) = ([], [:])
    let indices = hits.map { hit in
      let client = hit.facts.client
      if let index = known[client.id] { return index }
      clients.append(client)
      known[client.id] = clients.count - 1
      return clients.count - 1
    }
    return (clients, indices)
  }

  /// nil for what is no such line.
  static func read(_ line: ArraySlice<UInt8>) -> [LinkHit]? {
    var reader = LineReader(rest: line)
    guard reader.byte() == version, let count = reader.number() else { return nil }
    var clients: [HitClient] = []
    for _ in 0..<count {
      guard let kept = reader.bytes(atMost: .max), let line = HitClientLine(kept) else { return nil }
      clients.append(HitClient(line: line))
    }
    guard let count = reader.number() else { return nil }
    var hits: [LinkHit] = []
    for _ in 0..<count {
      guard let hit = hit(&reader, clients) else { return nil }
      hits.append(hit)
    }
    return reader.rest.isEmpty && !hits.isEmpty ? hits : nil
  }

  private static func hit(_ reader: inout LineReader, _ clients: [HitClient]) -> LinkHit? {
    guard let job = reader.number().flatMap(Int64.init(exactly:)),
      let link = reader.number().flatMap(Int.init(exactly:)),
      let at = reader.number().flatMap(Int64.init(exactly:)), let flags = reader.byte(), flags < 4,
      let near = reader.number().flatMap(Int.init(exactly:)),
      let method = reader.text(most: HitFacts.longestMethod + 2),
      let address = reader.text(most: 64), let index = reader.number(), index < UInt64(clients.count)
    else { return nil }
    return LinkHit(
      jobID: job == 0 ? nil : job, link: link,
      facts: HitFacts(
        method: method, client: clients[Int(index)], address: address, isSecure: flags & 1 == 1,
        isComplete: flags & 2 == 2, at: Moment(milliseconds: at)), context: HitContext(recipientsNearby: near))
  }
}

extension [UInt8] {
  fileprivate mutating func append(text: String) {
    append(number: UInt64(text.utf8.count))
    append(contentsOf: text.utf8)
  }
}
