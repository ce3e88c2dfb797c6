import TenantRuntime
import Testing

@Suite struct NetworkListTests {
  static let text = """
    # Data centres
    192.0.2.0/24
    198.51.100.7      # one machine
    10.0.0.0/9
    10.64.0.0/10\t# inside the one above
      2001:db8::/32

    2001:db8:ffff::/48
    """

  @Test func aListReadsCommentsAndBothFamilies() throws {
    let list = try NetworkList(text: Self.text)
    #expect(list.count == 4)
    for inside in [
      "192.0.2.0", "192.0.2.255", "198.51.100.7", "10.0.0.0", "10.127.255.255", "2001:db8:ffff::1", "::ffff:192.0.2.9",
    ] { #expect(list.contains(IPAddress(inside)!), "\(inside)") }
    for outside in [
      "192.0.1.255", "192.0.3.0", "198.51.100.6", "198.51.100.8", "10.128.0.0", "9.255.255.255", "2001:db9::", "::",
      "255.255.255.255",
    ] { #expect(!list.contains(IPAddress(outside)!), "\(outside)") }
  }

  @Test func aBadLineIsNamed() {
    let error = #expect(throws: NetworkList.BadLine.self) { try NetworkList(text: "10.0.0.0/8\r\n\n10.0.0.0/99 # no") }
    #expect(error?.number == 3)
    #expect(throws: NetworkList.BadLine.self) { try NetworkList(text: "10.0.0.0/8 10.1.0.0/16") }
  }

  @Test func anEmptyListHoldsNothing() throws {
    #expect(!(try NetworkList(text: "# nothing\n")).contains(IPAddress("10.0.0.1")!))
  }

  @Test func overlappingRangesAgreeWithPlainSearch() {
    let networks = (0..<400).compactMap {
      Network("\(10 + $0 * 37 % 5).\($0 * 91 % 256).\($0 * 57 % 256).0/\(12 + $0 % 17)")
    }
    let list = NetworkList(networks)
    for step in 0..<4_000 {
      let address = IPAddress("\(9 + step % 8).\(step * 13 % 256).\(step * 7 % 256).\(step % 256)")!
      let plain = networks.contains { $0.first.value <= address.value && address.value <= $0.last.value }
      #expect(list.contains(address) == plain, "\(address)")
    }
  }
}
