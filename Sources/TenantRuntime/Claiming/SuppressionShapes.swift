extension Shape {
  static let suppressionRule = named(
    "SuppressionRule",
    object([
      "id": id, "kind": choice(SuppressionRule.Kind.self), "hours": int(1...8760, example: 24).orNull,
      "tag": text(example: "vip").orNull, "campaign_id": id.orNull, "created_at": moment,
    ]))
}
