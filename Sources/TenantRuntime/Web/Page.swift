import HummingbirdCore
import Mustache

/// What a page shows: strings, bools, optionals, lists of such structs, and `Drawing` for markup of our own. A template computes nothing.
package protocol Page: Sendable {
  /// The name of its file in `Pages`, without the suffix.
  static var template: String { get }
  /// The document's title, and the heading on a phone.
  var title: String { get }
  /// It brings its own margins.
  var isBare: Bool { get }
  /// Nothing of it changes any more by itself.
  var isFinal: Bool { get }
  /// How far what it shows has come: when this changes, what may be done on it changes too.
  var stage: String { get }
  /// Of the parts that move, those that do not this time.
  var still: Set<String> { get }
}

/// Markup made by this program, with every text in it escaped: charts. Templates show it with three braces, and nothing else.
package struct Drawing: Sendable, MustacheCustomRenderable {
  package let markup: String
  package init(_ markup: String) { self.markup = markup }

  package var renderText: String { markup }
  package var isNull: Bool { markup.isEmpty }
}

/// A page below an address of its own: what it needs, and what it shows. `Subject` is what it is about, as with `Route`.
package struct PageView<Subject: Sendable>: Sendable {
  package typealias Handler = @Sendable (Visit<Subject>) async throws -> any Page

  /// Relative to the subject's base; parameters as `:id`.
  package let path: String
  package let needs: Permission
  /// Parts of it that are sent anew while it is looked at, by the ids of their elements.
  package let live: [String]
  package let handler: Handler

  package init(_ path: String, needs: Permission, live: [String] = [], _ handler: @escaping Handler) {
    (self.path, self.needs, self.live, self.handler) = (path, needs, live, handler)
  }
}

/// Somebody looks at a page, or comes back to it with a form that was refused.
package struct Visit<Subject: Sendable>: Sendable {
  package let call: Call<Subject>
  package let words: Words
  /// What was sent with a refused form, to be shown as it was typed; empty otherwise.
  package let typed: [(name: String, value: String)]
  /// Only parts of it that move are wanted.
  package let isPart: Bool
  /// How many work in the tenant, or are invited to; nil where nobody is asked.
  package let countMembers: (@Sendable () async throws -> Int)?

  package init(
    call: Call<Subject>, words: Words, typed: [(name: String, value: String)] = [], isPart: Bool = false,
    countMembers: (@Sendable () async throws -> Int)? = nil
  ) {
    (self.call, self.words, self.typed, self.isPart, self.countMembers) = (call, words, typed, isPart, countMembers)
  }

  package var subject: Subject { call.subject }
  package func query(_ name: String) -> String? { call.query(name) }
  package func id(_ name: String = "id", of thing: String) throws -> Int64 { try call.id(name, of: thing) }
  package func may(_ permission: Permission) -> Bool { call.caller.permissions.contains(permission) }
  /// Which entries of a choice stand ticked: those that were sent, else those that are kept. A form that holds the choice sends an empty
  /// entry with it, so that none ticked is not taken for another form of the page.
  package func chosen(_ name: String, _ kept: [String]) -> Set<String> {
    let sent = typed.filter { $0.name == name }.map(\.value)
    return Set(sent.isEmpty ? kept : sent)
  }
  /// What stands in a field: what was typed there, else what is kept.
  package func field(_ name: String, _ kept: String?) -> String {
    typed.last { $0.name == name }?.value ?? kept ?? ""
  }
}

/// An answer of a page that is no page: the browser goes on elsewhere.
package struct GoElsewhere: Error {
  /// Relative to the subject's base.
  package let path: String
  package init(_ path: String) { self.path = path }
}

extension Page {
  package var isBare: Bool { false }
  package var isFinal: Bool { false }
  package var stage: String { "" }
  package var still: Set<String> { [] }
}

/// Links below a long list.
package struct Pager: Sendable {
  package let first: String?
  package let next: String?

  /// Nil: everything fits on one page.
  package init?<Subject>(_ visit: Visit<Subject>, next cursor: String?) {
    let isFirst = visit.query("cursor") == nil
    guard cursor != nil || !isFirst else { return nil }
    let path = visit.call.request.uri.path
    let kept = visit.call.request.queryForm.filter { $0.name != "cursor" && $0.name != "done" && !$0.value.isEmpty }
    func address(_ cursor: String?) -> String {
      let fields = kept + (cursor.map { [(name: "cursor", value: $0)] } ?? [])
      return fields.isEmpty ? path : path + "?" + FormBody.encoded(fields)
    }
    first = isFirst ? nil : address(nil)
    next = cursor.map { address($0) }
  }
}

/// One entry of a choice.
package struct Choice: Sendable {
  package let value: String
  package let name: String
  package let isChosen: Bool

  package init(_ value: String, _ name: String, chosen: String? = nil) {
    (self.value, self.name, isChosen) = (value, name, value == chosen)
  }
}
