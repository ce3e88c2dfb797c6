import GRDB

/// Somebody new, by hand.
struct ContactNewPage: Page {
  static let template = "contact-new"
  let title: String
  let form: ContactForm

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let kinds = try await visit.subject.file.read { db in try ContactField.all(db) }
    return ContactNewPage(title: visit.words("Add a person"), form: ContactForm(nil, kinds, visit))
  }
}

/// Asked for once more, with what goes and what stays.
struct ContactErasePage: Page {
  static let template = "contact-erase"
  let title: String
  let id: String
  let name: String
  let phone: String
  /// The last digits, to be typed.
  let typed: String
  let keepsNumber: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let id = try visit.id(of: "contact")
    return try await visit.subject.file.read { db in
      let row = try ContactJSON.find(db, id)
      let phone: PhoneNumber = row["phone"]
      let name = visit.person(row).text
      return ContactErasePage(
        title: visit.words("Erase {0}", name), id: String(id), name: name, phone: visit.words.phone(phone),
        typed: String(phone.description.suffix(4)), keepsNumber: try TenantSettings.read(db).erasureKeeps == .number)
    }
  }
}

/// Custom fields: what there is, and one more.
struct ContactFieldsPage: Page {
  static let template = "contact-fields"

  struct Field: Sendable {
    let label: String
    let name: String
    let kind: String
    let merge: String
  }

  let title: String
  let fields: [Field]
  let hasFields: Bool
  let kinds: [Choice]
  let name: String
  let mayEdit: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let all = try await visit.subject.file.read { db in try ContactField.all(db) }
    func said(_ kind: ContactField.Kind) -> String {
      switch kind {
      case .text: words("Text")
      case .number: words("Number")
      case .date: words("Date")
      case .boolean: words("Yes or no")
      }
    }
    let chosen = visit.field("type", "text")
    return ContactFieldsPage(
      title: words("Custom fields"),
      fields: all.sorted { $0.key < $1.key }.map { name, kind in
        Field(label: ContactPage.fieldName(name), name: name, kind: said(kind), merge: "{{\(name)}}")
      }, hasFields: !all.isEmpty,
      kinds: ContactField.Kind.allCases.map { Choice($0.rawValue, said($0), chosen: chosen) },
      name: visit.field("name", nil), mayEdit: visit.may(.editContacts))
  }
}
