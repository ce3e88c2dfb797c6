import GRDB
import TenantRuntime

extension Quotas {
  /// As the control file has them; no row is no limit.
  init(_ row: Row?) {
    self.init()
    guard let row else { return }
    for name in Name.allCases { limits[name] = row[name.rawValue] as Int64? }
  }
}
