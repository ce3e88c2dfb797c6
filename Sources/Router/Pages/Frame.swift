import ControlPlane
import TenantRuntime

/// What stands around a page: who looks, where they can go, what waits for them.
struct Frame: Page {
  static let template = "layout"

  struct Entry: Sendable {
    let name: String
    let icon: Drawing
    let path: String
    let isHere: Bool
    var count: String?
    var isSoft = false
    var key: String?
  }

  struct Group: Sendable {
    let name: String?
    let entries: [Entry]
  }

  struct Tenant: Sendable {
    let name: String
    let path: String
  }

  var title: String
  let language: String
  /// What scripts say, in the page's language (`ScriptSentences`).
  let sentences: String?
  let theme: String?
  /// The tenant's name, or the platform's.
  let place: String
  /// Who looks, and as what.
  let who: String
  let tenants: [Tenant]
  let groups: [Group]
  let tabs: [Entry]
  let findPath: String?
  let budgetMonth: String?
  let budgetLeft: String?
  let budgetBar: Drawing?
  let sending: String?
  let sendingLamp: String
  let main: Drawing
  let toast: String?
  let problem: Problem?
  let hasLetters: Bool
  let isAdmin: Bool
  let isPlatform: Bool
  let liveAt: String?
  let isBare: Bool
  let supportNote: String?

  struct Problem: Sendable {
    struct Line: Sendable {
      let id: String
      let field: String
      let sentence: String
      /// Beside its field, which names itself.
      let beside: String

      init(_ sentence: String, beside: String = "", of field: String = "", at index: Int) {
        (id, self.field, self.sentence, self.beside) = ("problem-\(index)", field, sentence, beside)
      }
    }

    let sentence: String
    let errors: [Line]
    /// A field of the page has the focus, and says what is wrong with it.
    var isMarked = false
  }
}
