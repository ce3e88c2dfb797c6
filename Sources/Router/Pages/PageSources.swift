extension PageLibrary {
  /// Templates of pages that are the router's own.
  static let own: [String: [UInt8]] = [:]
}
