import GRDB

/// What `link_hits.facts` keeps beside its columns: all that is needed to judge again, but for the times of the text.
enum StoredFacts {
  static func text(_ facts: HitFacts, _ context: HitContext) -> String {
    JSON.object([
      ("rules", .int(ClickVerdict.rulesVersion)), ("secure", .bool(facts.isSecure)),
      ("complete", .bool(facts.isComplete)), ("recipients", .int(context.recipientsNearby)),
      ("listed", .optional(context.listed?.rawValue)),
      ("headers", .object(facts.headers.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })),
    ]).serialized
  }

  /// The facts of a stored row, whose columns are named as in `link_hits`; nil for an erased person's, of which nothing is left to judge.
  static func read(_ row: Row) -> (facts: HitFacts, context: HitContext)? {
    guard let kept = try? JSON(parsing: row["facts"] as String), let headers = kept["headers"]?.members else {
      return nil
    }
    let facts = HitFacts(
      method: row["method"], userAgent: row["user_agent"], address: row["address"],
      headers: Dictionary(headers.compactMap { name, value in value.text.map { (name, $0) } }) { first, _ in first },
      isSecure: kept["secure"]?.bool ?? false, isComplete: kept["complete"]?.bool ?? false, at: row["at"])
    let context = HitContext(
      recipientsNearby: kept["recipients"]?.int.map(Int.init(clamping:)) ?? 1,
      listed: kept["listed"]?.text.flatMap(ListedNetwork.init(rawValue:)))
    return (facts, context)
  }
}
