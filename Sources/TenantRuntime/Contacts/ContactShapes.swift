extension Shape {
  static let zones = list(text(example: "America/New_York"))

  /// The clocks that say when a person may be texted, by what they come from.
  static let zoneSignals = named(
    "TimeZoneSignals", object(["time_zone": zones, "number": zones, "counted": zones]))

  static let contact = named(
    "Contact",
    object([
      "id": id, "phone": phone.orNull, "first_name": text(example: "Ada").orNull,
      "last_name": text(example: "Lovelace").orNull, "email": text(example: "ada@example.com").orNull,
      "tags": list(text(example: "vip")), "fields": map(fieldValue, example: "city"),
      "time_zone": text(example: "America/New_York").orNull,
      "time_zone_source": choice(["contact", "area_code"]).orNull, "possible_time_zones": zones,
      "time_zone_signals": zoneSignals.orNull, "language": text(example: "en").orNull,
      "notes": text(example: "Prefers mornings").orNull, "do_not_contact": bool,
      "invalid_number": object(["code": int, "since": moment, "until": moment]).orNull, "created_at": moment,
      "updated_at": moment,
    ]))

  static let contactField = named(
    "ContactField", object(["name": text(example: "city"), "type": choice(ContactField.Kind.self)]))

  /// What happened to a person; its other members belong to the type.
  static let timelineEntry = named(
    "TimelineEntry",
    Shape(
      [
        "type": "object", "required": ["at", "type"],
        "properties": ["at": moment.schema, "type": ["type": "string"]],
      ], example: ["at": moment.example, "type": "delivered", "campaign_id": 3]))

  static let contactRecord = named(
    "ContactRecord",
    object([
      "contact": contact, "former_numbers": list(phone), "consents": list(consent),
      "do_not_contact": list(doNotContact),
      "messages": list(
        object([
          "at": moment, "direction": choice(["in", "out"]), "number": phone, "body": text(example: "See you at 5"),
        ])),
      "clicks": list(
        object([
          "at": moment, "target": text(example: "https://shop.example/"), "verdict": choice(ClickVerdict.self),
          "user_agent": text(example: "Mozilla/5.0"), "address": text(example: "203.0.113.0/24"),
        ])), "events": list(timelineEntry),
    ]))

  static let contactPage = object(
    ["data": list(contact), "next_cursor": text(example: "AV3qT8uvqwAAAAAAAAAR").orNull],
    optional: ["not_searched_yet": count])
}

extension [any DeclaredField] {
  /// What of a contact may be written; null clears.
  static let ofContact: [any DeclaredField] = [
    Documented("first_name", .text(most: 200, example: "Ada").orNull),
    Documented("last_name", .text(most: 200, example: "Lovelace").orNull),
    Documented("email", .text(most: 320, example: "ada@example.com").orNull),
    Documented("time_zone", .text(most: 64, example: "America/New_York").orNull),
    Documented("language", .text(most: 35, example: "en").orNull),
    Documented("notes", .text(most: 5000, example: "Prefers mornings").orNull),
    Documented(
      "tags", .list(.text(most: Int(Tag.longest), example: "vip"), most: 50).orNull.about("All of them, anew.")),
    Documented(
      "fields",
      .map(Shape.fieldValue.orNull, example: "city").about("Custom fields, made as they come; null clears one.")),
  ]
}

extension [QueryField] {
  static let contactFilter: [QueryField] = [
    QueryField("phone", Shape.phone), QueryField("q", Shape.text(most: 200, example: "ada").about("Words.")),
    QueryField("tag", .text(example: "vip")), QueryField("email", .text(example: "ada@example.com")),
    QueryField("audience", Shape.id.about("The id of a saved audience.")),
    QueryField("field.NAME", Shape.text(example: "Rome").about("The value of the custom field NAME; ten at most.")),
  ]
}
