import ControlPlane
import TenantRuntime

/// Pages of the platform's own staff.
enum AdminPages {
  static let all: [PageView<ControlPlane>] = []
}
