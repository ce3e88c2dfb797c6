/// What a link shows of itself in a conversation (Open Graph, ogp.me), where its target's own words should not be used.
package struct LinkPreview: Sendable, Equatable {
  package var title: String
  package var description: String?
  package var imageURL: String?

  init(title: String, description: String? = nil, imageURL: String? = nil) {
    self.title = title
    self.description = description
    self.imageURL = imageURL
  }

  /// As it is stored and shown.
  var json: JSON {
    ["title": .text(title), "description": .optional(description), "image_url": .optional(imageURL)]
  }

  init?(stored: JSON) {
    guard let title = stored["title"]?.text else { return nil }
    self.init(title: title, description: stored["description"]?.text, imageURL: stored["image_url"]?.text)
  }

  /// The member `og` of a request: null takes the preview away.
  static func read(_ fields: inout Fields) -> LinkPreview? {
    guard var inner = fields.object("og") else { return nil }
    defer { fields.absorb(inner) }
    let title = inner.requiredName("title", most: 200)
    let description = inner.text("description", most: 500)
    var image = inner.text("image_url", most: LinkTarget.longest)
    if let given = image {
      let target = try? LinkTarget(given)
      if target?.hasFields != false { inner.fail("image_url", "must be a plain http(s) address") }
      image = target?.filled { _ in nil }
    }
    return LinkPreview(title: title, description: description, imageURL: image)
  }
}
