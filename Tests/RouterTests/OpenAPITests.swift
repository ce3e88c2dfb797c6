import ControlPlane
import HTTPTypes
import TenantRuntime
import Testing

@testable import Router

@Suite struct OpenAPITests {
  private static let paths = OpenAPIDocument.json["paths"]?.members ?? []

  @Test func theDocumentHasEveryMountedAddressAndNoOther() {
    let site = Set(
      Self.paths.flatMap { path, item in
        (item.members ?? []).map(\.0).filter { $0 != "servers" }.map { "\($0.uppercased()) \(path)" }
      })
    let mounted = Set(
      SiteAddress.all.filter { $0.base != .page }.map { address in
        let parts = address.path.split(separator: "/").map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
        return "\(address.operation.method.rawValue) /" + parts.joined(separator: "/")
      })
    #expect(site == mounted)
    #expect(mounted.count == SiteAddress.all.count - SignInRoutes.all.count, "an address is declared twice")
    #expect(
      mounted.count
        == SiteMap.all.count + SiteMap.account.count + AdminRoutes.all.count
        + OwnAccountRoutes.all.count + OwnRoute.all.count
        + FastPathOperations.webhooks.count + FastPathOperations.links.count)
  }

  @Test func everyOperationHasANameOfItsOwnAndAnAnswer() {
    let operations = Self.paths.flatMap { ($0.1.members ?? []).filter { $0.0 != "servers" }.map(\.1) }
    let names = operations.compactMap { $0["operationId"]?.text }
    #expect(names.count == operations.count && Set(names).count == names.count)
    for operation in operations {
      let name = operation["operationId"]?.text ?? ""
      #expect(operation["summary"]?.text?.isEmpty == false, "\(name)")
      #expect(operation["responses"]?.members?.contains { $0.0 < "400" } == true, "\(name)")
    }
  }

  @Test func everyReferenceLeadsToAComponent() {
    var missing: Set<String> = []
    func walk(_ value: JSON) {
      if let name = value["$ref"]?.text {
        let parts = name.split(separator: "/").dropFirst().map(String.init)
        if parts.reduce(OpenAPIDocument.json, { $0?[$1] }) == nil { missing.insert(name) }
      }
      value.members?.forEach { walk($0.1) }
      value.list?.forEach(walk)
    }
    walk(OpenAPIDocument.json)
    #expect(missing.isEmpty, "\(missing)")
  }
}
