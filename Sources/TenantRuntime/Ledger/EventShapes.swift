extension Shape {
  static let event = named(
    "Event",
    object([
      "id": id.orNull, "at": moment, "type": choice(Event.Kind.allCases.map(\.rawValue) + ["test"]),
      "phone": phone.orNull, "campaign_id": id.orNull, "send_job_id": id.orNull, "data": map(any, example: "reason"),
    ]))
}
