import Foundation
import Testing

@testable import Router

/// A form that sends several members of something that colleagues change too says which version it shows, or which values: else it puts back
/// what somebody has set there since.
@Suite struct FormVersionTests {
  /// What one person alone changes, or staff. The editor's version is in its parts.
  private static let others: Set<String> = ["profile", "tenant-account", "tenant", "campaign-edit"]

  @Test func everyFormOfSeveralMembersKnowsWhatItShows() {
    var found: Set<String> = []
    for (name, source) in PageLibrary.sources {
      let text = String(decoding: source, as: UTF8.self)
      for form in text.matches(of: /<form\b(?s:.*?)<\/form>/).map({ String($0.0) })
      where form.contains(/name="_method" value="(?:PATCH|PUT)"/) {
        let fields = form.matches(of: /<(?:input|textarea|select)\b[^>]*\bname="([^"]+)"[^>]*>/)
          .filter { !$0.0.contains("type=\"hidden\"") && !$0.1.hasPrefix("_") }.map { String($0.1) }
        let parts = form.matches(of: /\{\{> ([\w-]+)\}\}/).filter { $0.1 != "form" }
        let isOfSeveral = Set(fields).count + 2 * parts.count > 1 || fields.contains { $0.hasPrefix("{{") }
        guard isOfSeveral else { continue }
        found.insert(name)
        let knows = form.contains("name=\"_etag\"") || form.contains("name=\"_was:")
        #expect(knows != Self.others.contains(name), "\(name): \(form.prefix(120))")
      }
    }
    // It sees those that there are.
    #expect(found.isSuperset(of: ["audience", "contact", "budget", "settings-group"]), "\(found.sorted())")
    #expect(found.isSuperset(of: Self.others), "\(Self.others.subtracting(found))")
  }
}
