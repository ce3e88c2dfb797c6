extension Shape {
  private static let state = choice(["checking", "applying", "completed", "failed", "undone"])
  private static let counts = map(count, example: "invalid_number")

  private static let notice = named(
    "ImportNotice",
    object([
      "code": text(example: "title_row"), "column": text(example: "Mobile").orNull,
      "message": text(example: "the first row is a title and was left out"),
    ]))

  private static let column = named(
    "ImportColumn",
    object(
      [
        "column": text(example: "Mobile"), "as": text(example: "phone"), "why": text(example: "named like a mobile"),
        "samples": list(text(example: "+14155550123")),
      ],
      optional: [
        "also": choice(["next_phone", "country"]), "score": int,
        "runners_up": list(object(["column": text, "score": int, "why": text])),
      ]))

  private static let options = named(
    "ImportOptions",
    object([
      "name": text(example: "spring-list.csv").orNull, "encoding": text(example: "utf-8"), "delimiter": int,
      "newline": int, "lines_before": count,
      "headers": list(text(example: "Mobile")), "map": text(example: "phone:Mobile").orNull,
      "columns": list(text(example: "phone")), "country_column": count.orNull, "next_phones": list(count),
      "date_orders": map(choice(["day", "month"]), example: "field.birthday"),
      "on_conflict": choice(ImportOptions.Conflict.self),
      "conflicts": map(choice(ImportOptions.Conflict.self), example: "email"), "tags": list(text(example: "vip")),
      "audience": text.orNull, "country": text(example: "US"),
    ]))

  private static let undo = object([
    "deleted": count, "restored": count, "kept": count, "kept_contacts": list(id),
    "finished_at": moment.orNull,
  ])

  private static let members: [(String, Shape)] = [
    ("id", id), ("state", state), ("mode", choice(ImportBatch.Mode.self)), ("rows", count), ("created", count),
    ("updated", count), ("unchanged", count), ("rejected", count), ("opted_out", count), ("rejected_reasons", counts),
    ("changed_columns", map(count, example: "email")), ("warnings", counts), ("notices", list(notice)),
    ("options", options),
    (
      "consent",
      object(["source": text(example: "shop"), "wording": text.orNull, "at": moment]).orNull
    ), ("failure", text(example: "cancelled by key:rh_0123456789ab").orNull),
    ("actor", text(example: "key:rh_0123456789ab")), ("created_at", moment), ("finished_at", moment.orNull),
  ]

  static let importSummary = named("ImportSummary", object(members, optional: [("undo", undo)]))

  static let importBatch = named(
    "Import",
    object(
      members + [
        (
          "sample",
          list(
            object([
              "row": count, "phone": phone.orNull,
              "changes": map(
                object(["before": text(example: "Rome").orNull, "after": text(example: "Oslo")]), example: "field.city"),
            ]))
        ), ("columns", list(column)),
        (
          "progress",
          object([
            "phase": choice(["checking", "applying"]), "done": count, "total": count,
            "unit": choice(["bytes", "rows"]), "per_second": count, "seconds_left": count.orNull,
          ]).orNull
        ),
      ], optional: [("undo", undo)]))

  static let importBegun = named(
    "ImportBegun",
    object([
      "id": id, "state": state, "columns": list(column), "notices": list(notice), "warnings": counts,
      "options": options,
    ]))

  static let importState = named("ImportStateNow", object(["id": id, "state": state]))
}

extension [QueryField] {
  static let importOptions: [QueryField] = [
    QueryField("mode", .choice(ImportBatch.Mode.self), required: true),
    QueryField(
      "map", Shape.text(example: "phone:Mobile,first_name:First").about("Columns, where they are not guessed.")),
    QueryField("name", Shape.text(most: 200, example: "spring-list.csv").about("What people call the file.")),
    QueryField("encoding", .text(example: "utf-8")), QueryField("on_conflict", .choice(ImportOptions.Conflict.self)),
    QueryField("conflicts", .text(example: "email:keep,field.city:fill")),
    QueryField("tags", Shape.text(example: "vip,spring").about("For everybody in the file.")),
    QueryField("audience", Shape.text(example: "Spring").about("A saved audience that everybody comes into.")),
    QueryField("country", Shape.text(example: "US").about("Of numbers without a country code.")),
    QueryField("consent_source", Shape.text(most: 200, example: "shop").about("Where consent was given.")),
    QueryField("consent_wording", Shape.text(most: 2000, example: "I agree to texts")),
    QueryField("consent_date", .text(example: "2026-11-23")),
  ]
}
