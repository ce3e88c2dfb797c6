import Glibc
package import TenantRuntime

extension Caller {
  /// Who works the command line, by the name that the operating system has for them.
  package static func atCommandLine(user id: UInt32) -> Caller { .command("command:\(userName(id) ?? String(id))") }

  private static func userName(_ id: UInt32) -> String? {
    var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
      return nil
    }
    let text = String(cString: name)
    return text.utf8.count <= 64 && !text.unicodeScalars.contains(where: Name.isControl) ? text : nil
  }
}
