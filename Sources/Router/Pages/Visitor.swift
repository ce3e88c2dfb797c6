import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import TenantRuntime

/// Who looks at a page: the session's user, with what they have set for themselves.
struct Visitor: Sendable {
  let caller: Caller
  let profile: OwnAccount.Profile
  let browser: Browser
  let formToken: String

  var language: Words.Language { profile.user.language }
  var name: String { profile.user.name ?? profile.user.email }

  func may(_ permission: Permission) -> Bool { caller.permissions.contains(permission) }

  func words(_ library: PageLibrary, zone: String?, now: Moment) -> Words {
    Words(
      language, zone: zone.flatMap { TimeZone(identifier: $0) } ?? .gmt, now: now,
      catalogue: library.catalogues[language] ?? [:])
  }
}
