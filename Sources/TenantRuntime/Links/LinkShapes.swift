extension Shape {
  private static let preview = object([
    "title": text, "description": text.orNull, "image_url": text(example: "https://shop.example/sale.jpg").orNull,
  ])

  static let link = named(
    "Link",
    object([
      "id": id, "url": text(example: "https://go.example/sale").orNull, "slug": text(example: "sale").orNull,
      "name": text.orNull, "target": text(example: "https://shop.example/"), "campaign_id": id.orNull,
      "number": count.orNull, "variant": text(example: "Short").orNull, "enabled": bool, "expires_at": moment.orNull,
      "og": preview.orNull, "created_by": text(example: "key:rh_0123456789ab"), "created_at": moment,
      "updated_at": moment,
    ]))

  static let linkChange = named(
    "LinkChange",
    object([
      "id": id, "at": moment, "actor": text(example: "key:rh_0123456789ab"), "before": map(any, example: "target"),
      "after": map(any, example: "target"),
    ]))
}

extension [any DeclaredField] {
  private static let shared: [any DeclaredField] = [
    Documented("name", Shape.text(most: 200, example: "Spring sale").orNull),
    Documented(
      "og",
      Shape.object(
        ["title": .text(most: 200, example: "Spring sale")],
        optional: [
          "description": Shape.text(most: 500, example: "Half price").orNull,
          "image_url": Shape.text(example: "https://shop.example/sale.jpg").orNull,
        ]
      ).orNull.about("What a conversation shows of the link.")),
    Documented("expires_at", Shape.moment.orNull),
  ]
  static let ofLink: [any DeclaredField] =
    [
      Documented("target", .text(most: LinkTarget.longest, example: "https://shop.example/"), required: true),
      Documented("slug", Shape.text(most: Slug.lengths.upperBound, example: "sale").orNull),
    ] + shared
  static let ofLinkEdit: [any DeclaredField] =
    [
      Documented("target", .text(most: LinkTarget.longest, example: "https://shop.example/")),
      Documented("enabled", .bool),
    ] + shared
}
