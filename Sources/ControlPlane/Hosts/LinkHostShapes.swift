package import TenantRuntime

extension Shape {
  private static let linkHostMembers: [(String, Shape)] = [
    ("host", text(example: "go.shop.example")), ("state", choice(["pending", "verified"])), ("is_default", bool),
    ("added_at", moment), ("verified_at", moment.orNull),
    ("last_check", object(["at": moment, "failure": text(example: "the record is not there").orNull]).orNull),
    (
      "challenge",
      object([
        "txt_name": text(example: "_roundhouse.go.shop.example"), "txt_value": text(example: "roundhouse-host=0123"),
        "url": text(example: "http://go.shop.example/.well-known/roundhouse-host/01"), "body": text(example: "0123"),
      ]).orNull
    ),
  ]

  package static let linkHost = named("LinkHost", object(linkHostMembers, optional: []))
  package static let hostGiven = named(
    "HostGiven", object([("tenant", text(example: "acme"))] + linkHostMembers, optional: []))
}
