/// How many texts a new number may send on each day of its use, so that carriers get to know it. Carriers publish no schedule; this
/// ladder is the one that CRM vendors use, one step a day. A day without a text is no step.
enum WarmUp {
  static let ladder: [Int64] = [100, 250, 500, 750, 1_500, 2_250, 3_000]

  /// The limit on a number's `day` of use, counted from 1; nil behind the last step, or where the number does not warm up.
  /// - Parameter setting: `on`, `off`, or the day of the ladder that the number began on here.
  static func limit(_ setting: String, day: Int64, ladder: [Int64] = ladder) -> Int64? {
    guard let step = step(setting, day: day), step <= ladder.count else { return nil }
    return ladder[Int(step) - 1]
  }

  /// Where on the ladder a number stands; nil where it does not warm up.
  static func step(_ setting: String, day: Int64) -> Int64? {
    switch setting {
    case "off": nil
    case "on": max(1, day)
    default: max(1, (Int64(setting) ?? 1) - 1 + day)
    }
  }

  /// The smaller of the ladder's limit and the number's own.
  static func cap(_ setting: String, day: Int64, own: Int64?, ladder: [Int64] = ladder) -> Int64? {
    [limit(setting, day: day, ladder: ladder), own].compactMap { $0 }.min()
  }

  /// A tenant's own steps, none smaller than the one before: texts on the first day of use, the second, and so on.
  static func ladder(_ fields: inout Fields, _ name: String) -> [Int64]? {
    guard let steps = fields.ints(name, most: 60, in: 1...1_000_000) else { return nil }
    if steps.isEmpty || zip(steps, steps.dropFirst()).contains(where: { $0 > $1 }) {
      fields.fail(name, "must be daily caps, none smaller than the one before")
    }
    return steps
  }
}
