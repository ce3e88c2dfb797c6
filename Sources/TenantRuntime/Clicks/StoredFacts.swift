import GRDB

/// What `link_hits.facts` keeps beside its columns: all that is needed to judge again, but for the times of the text.
enum StoredFacts {
  static func text(_ facts: HitFacts, _ context: HitContext) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(512)
    out += #"{"rules":"#.utf8
    out += String(ClickVerdict.rulesVersion).utf8
    out += (facts.isSecure ? #","secure":true,"complete":"# : #","secure":false,"complete":"#).utf8
    out += (facts.isComplete ? #"true,"recipients":"# : #"false,"recipients":"#).utf8
    out += String(context.recipientsNearby).utf8
    out += #","listed":"#.utf8
    JSON.optional(context.listed?.rawValue).write(to: &out)
    out += #","headers":{"#.utf8
    var isFirst = true
    facts.headers.forEachByName { header, value in
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      JSON.write(header.name, to: &out)
      out.append(UInt8(ascii: ":"))
      JSON.write(value, to: &out)
    }
    out += "}}".utf8
    return out
  }

  /// The facts of a stored row, whose columns are named as in `link_hits`; nil for an erased person's, of which nothing is left to judge.
  static func read(_ row: Row) -> (facts: HitFacts, context: HitContext)? {
    guard let kept = try? JSON(parsing: row["facts"] as String), let headers = kept["headers"]?.members else {
      return nil
    }
    let facts = HitFacts(
      method: row["method"], userAgent: row["user_agent"], address: row["address"],
      headers: HitHeaders(headers.compactMap { name, value in value.text.map { (name, $0) } }),
      isSecure: kept["secure"]?.bool ?? false, isComplete: kept["complete"]?.bool ?? false, at: row["at"])
    let context = HitContext(
      recipientsNearby: kept["recipients"]?.int.map(Int.init(clamping:)) ?? 1,
      listed: kept["listed"]?.text.flatMap(ListedNetwork.init(rawValue:)))
    return (facts, context)
  }
}
