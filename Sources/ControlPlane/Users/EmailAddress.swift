package import TenantRuntime

/// An address for mail, as it is kept: trimmed, in lower case, at most 254 bytes (RFC 5321 4.5.3.1.3).
package struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
  package let description: String
  private static let most = 254

  /// Nil of what no mail can go to. Letters beyond ASCII are refused: without SMTPUTF8 they arrive nowhere, and look-alikes would be other
  /// people.
  package init?(_ text: String) {
    let text = text.trimmed.lowercased()
    guard text.utf8.count <= Self.most, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      text.wholeMatch(of: /[^@<>()\[\],;:"\\]+@[a-z0-9]([a-z0-9.-]*[a-z0-9])?/) != nil,
      !text.contains(".."), !text.contains("-."), !text.contains(".-"), !text.contains(".@"), text.first != "."
    else { return nil }
    description = text
  }
}

extension Field where Value == EmailAddress {
  package static func email(_ name: String, missing: String? = nil, about: String) -> Field {
    Field(name, .text(most: 254, example: "ana@shop.example").about(about), missing: missing) { fields, name in
      guard let text = fields.text(name, most: 254), !text.trimmed.isEmpty else { return nil }
      if let address = EmailAddress(text) { return address }
      fields.fail(name, "is not an e-mail address")
      return nil
    }
  }
}
