package import TenantRuntime

/// Link keys that tests make tokens with.
package enum TestKeys {
  package static let one = keys(7)

  package static func keys(_ byte: UInt8, since: Int64 = 0) -> LinkKeys {
    LinkKeys([key(byte, since: since)])
  }

  package static func key(_ byte: UInt8, since: Int64 = 0) -> LinkKeys.Key {
    LinkKeys.Key(bytes: Array(repeating: byte, count: 32), since: Moment(milliseconds: since))
  }
}
