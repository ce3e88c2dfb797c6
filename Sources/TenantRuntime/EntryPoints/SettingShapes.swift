extension Shape {
  private static let words = list(text(example: "stop"))
  private static let times: KeyValuePairs<String, Shape> = [
    "start": text(example: "09:00"), "end": text(example: "18:00"),
  ]
  private static let breaker: [(String, Shape)] = [
    ("error_percent", int(1...100, example: 25)), ("opt_out_percent", int(1...100, example: 5)),
    ("least_texts", int(5...1_000_000, example: 50)), ("minutes", int(1...1_440, example: 30)),
    ("probes", int(1...1_000, example: 20)), ("probe_seconds", int(1...3_600, example: 60)),
  ]
  private static let utm: [(String, Shape)] = [
    ("source", text(example: "sms").orNull), ("medium", text(example: "text").orNull), ("campaign", bool),
    ("content", bool),
  ]
  private static let linkPage: [(String, Shape)] = [
    ("name", text(example: "Acme").orNull), ("color", text(example: "#1a73e8").orNull), ("text", text.orNull),
  ]

  /// - Parameter isRequest: parts of objects may be left out, and null brings a default back.
  static func settingMembers(isRequest: Bool) -> [(String, Shape)] {
    func parts(_ members: [(String, Shape)]) -> Shape {
      isRequest ? object([], optional: members) : object(members, optional: [])
    }
    let members: [(String, Shape)] = [
      ("require_consent", bool), ("erasure_keeps", choice(ContactErasure.Kept.self)),
      ("countries", list(text(example: "1"), most: 300).orNull),
      ("prices", map(int(1...10_000_000, example: 8_300), example: "1")),
      ("texting_hours", object(times).orNull), ("days_off", list(text(example: "sunday"), most: 100)),
      ("warm_up_ladder", list(int(1...1_000_000, example: 100), most: 60).orNull), ("circuit_breaker", parts(breaker)),
      ("budget_alerts", list(int(1...1_000, example: 80), most: 10)),
      ("languages", list(choice(KeywordWords.languages.sorted()), most: 20)),
      ("stop_words", words), ("start_words", words), ("help_words", words),
      ("help_text", text(most: 480, example: "Acme: call 555 0123").orNull),
      ("link_addresses", choice(AddressPrivacy.self)), ("link_hit_days", int(1...3_650, example: 400)),
      ("audit_days", int(30...3_650, example: 730)),
      ("confirm_launch_above", int(0...100_000_000, example: 10_000).orNull),
      ("first_steps_put_off", list(choice(FirstStep.self), most: FirstStep.allCases.count)),
      ("plain_characters", bool), ("link_target_hosts", list(text(example: "*.shop.example"), most: 100).orNull),
      ("utm", parts(utm).orNull), ("link_page", parts(linkPage).orNull),
    ]
    return isRequest ? members.map { ($0.0, $0.1.orNull) } : members
  }

  static let settings = named("Settings", object(settingMembers(isRequest: false), optional: []))
}

extension [any DeclaredField] {
  static let ofSettings: [any DeclaredField] = Shape.settingMembers(isRequest: true).map { Documented($0.0, $0.1) }
}
