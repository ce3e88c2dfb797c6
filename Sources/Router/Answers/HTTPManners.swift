/// What operators decide about HTTP.
struct HTTPManners: Sendable {
  var rates = RateBounds()
  var crossOrigin: CrossOrigin?
}

struct RateBounds: Sendable, Equatable {
  /// Requests a minute of one key or user; nil: as many as they like.
  var requests: Int?
  /// Refused requests a minute of one address.
  var refusals: Int?
}
