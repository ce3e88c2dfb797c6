/// One setting as a form shows it. Templates draw it by its kind.
struct SettingField: Sendable {
  let id: String
  /// As `FormJSON` reads it: the member, and how people write it.
  let member: String
  let label: String
  let about: String
  /// What counts where the field is empty.
  let standard: String?
  var value = ""
  var choices: [Choice] = []
  var isSelect = false
  var isChecks = false
  var isArea = false
  var isLine = false
  var isTime = false
  var inputMode: String?
  var placeholder: String?
}

/// A card of a page of settings.
struct SettingSection: Sendable {
  let id: String
  let title: String
  let about: String
  let fields: [SettingField]
  /// Sent with them: what an answer above stands for.
  var hidden: [Hidden] = []

  struct Hidden: Sendable {
    let name: String
    let value: String
  }
}

/// Makes fields of one page: what was typed with a refused form, else what is kept.
struct SettingForm {
  let visit: Visit<Runtime>
  let settings: TenantSettings
  let members: [String: JSON]

  init(_ visit: Visit<Runtime>, _ settings: TenantSettings) {
    (self.visit, self.settings) = (visit, settings)
    members = Dictionary(settings.members, uniquingKeysWith: { first, _ in first })
  }

  var words: Words { visit.words }

  private static func id(_ name: String) -> String {
    "s-" + String(name.prefix { $0 != ":" }).replacing(".", with: "-").replacing("_", with: "-")
  }

  func line(
    _ name: String, _ label: String, _ about: String, kept: String?, standard: String?, mode: String? = nil,
    placeholder: String? = nil
  ) -> SettingField {
    SettingField(
      id: Self.id(name), member: name, label: words(label), about: words(about), standard: standard,
      value: visit.field(name, kept), isLine: true, inputMode: mode, placeholder: placeholder)
  }

  /// A whole number whose default shows as an empty field.
  func number(
    _ name: String, _ label: String, _ about: String, kept: Int64?, standard: Int64?, none: String? = nil
  ) -> SettingField {
    line(
      name, label, about, kept: kept == standard ? nil : kept.map(String.init),
      standard: standard.map(words.number) ?? none.map { words($0) }, mode: "numeric",
      placeholder: standard.map(String.init))
  }

  func area(
    _ name: String, _ label: String, _ about: String, kept: String?, standard: String?, placeholder: String? = nil
  ) -> SettingField {
    SettingField(
      id: Self.id(name), member: name, label: words(label), about: words(about), standard: standard,
      value: visit.field(name, kept), isArea: true, placeholder: placeholder)
  }

  /// - Parameter choices: the first is the default, whose value is empty.
  func select(
    _ name: String, _ label: String, _ about: String, kept: String, _ choices: [(value: String, name: String)],
    standard: String? = nil, isStandardNamed: Bool = true
  ) -> SettingField {
    let first = choices.first?.value
    let chosen = visit.field(name, kept == first && isStandardNamed ? "" : kept)
    return SettingField(
      id: Self.id(name), member: name, label: words(label), about: words(about), standard: standard,
      choices: choices.map { choice in
        let isStandard = choice.value == first && isStandardNamed
        return Choice(
          isStandard ? "" : choice.value,
          isStandard ? words("{0} (the default)", words(choice.name)) : words(choice.name), chosen: chosen)
      }, isSelect: true)
  }

  func time(_ name: String, _ label: String, kept: String?) -> SettingField {
    SettingField(
      id: Self.id(name), member: name, label: words(label), about: "", standard: nil, value: visit.field(name, kept),
      isTime: true)
  }

  func checks(
    _ name: String, _ label: String, _ about: String, kept: [String], _ choices: [(value: String, name: String)],
    standard: String?
  ) -> SettingField {
    let typed = visit.typed.filter { $0.name == name }.map(\.value)
    let chosen = Set(typed.isEmpty ? kept : typed)
    return SettingField(
      id: Self.id(name), member: name, label: words(label), about: words(about), standard: standard,
      choices: choices.map { Choice($0.value, words($0.name), chosen: chosen.contains($0.value) ? $0.value : nil) },
      isChecks: true)
  }

  /// Yes or no, where no is the default.
  func flag(_ name: String, _ label: String, _ about: String, kept: Bool) -> SettingField {
    select(name, label, about, kept: kept ? "true" : "false", [("false", "No"), ("true", "Yes")])
  }

  func list(_ member: String) -> [String] {
    members[member]?.list?.compactMap { $0.text ?? $0.int.map(String.init) } ?? []
  }
  func object(_ member: String, _ inner: String) -> JSON? { members[member]?[inner] }
}
