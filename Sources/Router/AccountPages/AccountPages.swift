import ControlPlane
import TenantRuntime

/// Pages of a tenant that are about its account in the control plane: they are there while its file is paused, too.
enum AccountPages {
  static let all: [PageView<Account>] = []
}
