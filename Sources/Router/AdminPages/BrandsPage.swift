import ControlPlane
import Foundation
import TenantRuntime

/// Registered brands, whose segments a day all their numbers share.
struct BrandsPage: Page {
  static let template = "brands"

  struct Brand: Sendable {
    let name: String
    /// As a part of an address.
    let path: String
    let numbers: String
    let cap: String
  }

  let title: String
  let brands: [Brand]
  let hasBrands: Bool
  /// One that is about to be made: its name is a part of the form's address.
  let new: Brand?
  let name: String
  let mayEdit: Bool

  private static let longest = 100

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let brands = try await visit.answer("brands").rows.map { row in
      Brand(
        name: row.text("brand"), path: path(row.text("brand")),
        numbers: words(row["numbers"]?.int ?? 0, one: "{0} number", many: "{0} numbers"),
        cap: row["daily_cap"]?.int.map(String.init) ?? "")
    }
    let name = (visit.query("name") ?? "").trimmed
    guard name.unicodeScalars.count <= longest else {
      throw Refusal.invalid("name", "must have at most \(longest) characters")
    }
    let isNew = !name.isEmpty && !brands.contains { $0.name == name }
    return BrandsPage(
      title: words("Brands"), brands: brands, hasBrands: !brands.isEmpty,
      new: isNew ? Brand(name: name, path: path(name), numbers: "", cap: visit.field("daily_cap", nil)) : nil,
      name: name, mayEdit: visit.may(.editTenants))
  }

  private static func path(_ name: String) -> String {
    name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}
