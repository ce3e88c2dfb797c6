extension Shape {
  /// See `AudienceRule`.
  static let audienceRule = named(
    "AudienceRule",
    Shape(
      [
        "type": "object", "minProperties": 1, "maxProperties": 2,
        "description":
          "One condition: all, any, not, tag, import, id, consent, do_not_contact, texted_days, not_texted_days, texted, received, delivered, clicked, replied or failed (by campaign); or a field with a comparison.",
        "additionalProperties": false,
        "properties": [
          "all": ["anyOf": [["const": true], rules]], "any": rules, "not": rule, "tag": ["type": "string"],
          "import": id.schema, "id": id.schema, "consent": choice(CampaignPurpose.self).schema,
          "do_not_contact": ["type": "boolean"], "texted_days": int(1...3650, example: 30).schema,
          "not_texted_days": int(1...3650, example: 30).schema,
          "texted": id.schema, "received": id.schema, "delivered": id.schema, "clicked": id.schema,
          "replied": id.schema, "failed": id.schema, "field": ["type": "string"], "is": fieldValue.schema,
          "is_not": fieldValue.schema, "contains": fieldValue.schema, "starts_with": fieldValue.schema,
          "more_than": fieldValue.schema, "less_than": fieldValue.schema, "before": ["type": "string"],
          "after": ["type": "string"], "blank": ["type": "boolean"],
        ],
      ], example: ["tag": "vip"]))
  private static let rule: JSON = ["$ref": "#/components/schemas/AudienceRule"]
  private static let rules: JSON = ["type": "array", "minItems": 1, "items": rule]

  static let audience = named(
    "Audience",
    object([
      "id": id, "name": text(example: "Regulars"), "rule": audienceRule, "created_at": moment, "updated_at": moment,
    ]))

  static let audienceCount = named(
    "AudienceCount", object(["count": count, "exact": bool, "sample": list(contact)]))

  private static let condition = named(
    "AudienceCondition",
    object(
      ["rule": audienceRule, "holds": bool, "says": text(example: "tagged vip")],
      optional: [
        "parts": Shape(["type": "array", "items": ["$ref": "#/components/schemas/AudienceCondition"]], example: [])
      ]))

  static let audienceExplanation = named(
    "AudienceExplanation",
    object(["in": bool, "because": text(example: "in because tagged vip"), "conditions": condition]))

  static let bulkChange = named(
    "BulkChange",
    object([
      "id": id, "action": choice(BulkChange.Action.self), "tag": text(example: "vip").orNull,
      "audience": audienceRule, "state": choice(["running", "completed", "failed"]), "changed": count,
      "failure": text.orNull, "looked_at": count, "total": count, "actor": text(example: "key:rh_0123456789ab"),
      "created_at": moment, "finished_at": moment.orNull,
    ]))
}

extension Documented {
  static let exclude = Documented(
    "exclude",
    Shape.list(.audienceRule, most: AudienceRule.mostExclusions).orNull.about("Who is in one of these is left out."))
}
