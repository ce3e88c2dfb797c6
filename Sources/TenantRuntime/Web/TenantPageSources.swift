/// The templates of a tenant's pages, by name, and the texts of other languages. Part of the program: it stays one file.
package enum TenantPageSources {
  package static let all: [String: [UInt8]] = [
    "layout": PackageResources.layout_mustache, "mark": PackageResources.mark_mustache,
    "form": PackageResources.form_mustache, "form-typed": PackageResources.form_typed_mustache,
    "plain": PackageResources.plain_mustache, "secret": PackageResources.secret_mustache,
    "pager": PackageResources.pager_mustache, "refused": PackageResources.refused_mustache,
    "confirm-it-is-you": PackageResources.confirm_it_is_you_mustache, "home": PackageResources.home_mustache,
    "contacts": PackageResources.contacts_mustache,
  ]

  /// Lines of `English<TAB>Spanish`.
  package static let spanish: [String: String] = {
    var found: [String: String] = [:]
    for line in String(decoding: PackageResources.es_tsv, as: UTF8.self).split(separator: "\n") {
      let sides = line.split(separator: "\t", maxSplits: 1)
      if sides.count == 2 { found[String(sides[0])] = String(sides[1]) }
    }
    return found
  }()
}
