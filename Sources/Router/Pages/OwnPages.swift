import ControlPlane
import Hummingbird
import TenantRuntime

/// Pages about whoever has signed in.
struct OwnPage: Sendable {
  let path: String
  let handler: @Sendable (OwnVisit) async throws -> any Page
}

struct OwnVisit: Sendable {
  let account: OwnAccount
  let visitor: Visitor
  let request: Request
  let words: Words
  let typed: [(name: String, value: String)]

  func field(_ name: String, _ kept: String?) -> String { typed.last { $0.name == name }?.value ?? kept ?? "" }
}

enum OwnPages {
  static let all: [OwnPage] = []
}
