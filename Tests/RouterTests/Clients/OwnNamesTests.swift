import ControlPlane
import Logging
import TestKit
import Testing

@testable import Router

@Suite struct OwnNamesTests {
  let folder = try! TestFolder()

  @Test func theServerAnswersToItsPublicNameToAddressesAndToNamesOfItsNetwork() async throws {
    let controlPlane = try ControlPlane(
      .init(data: folder.path, publicURL: "https://App.Test:8443", twilioAPI: "http://127.0.0.1:9"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let names = OwnNames(controlPlane)
    for host in [
      "app.test", "APP.TEST:80", "app.test.", "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "::1", "localhost",
      "roundhouse:8080", "",
    ] { #expect(names.contains(FastPathRequest.host(host)), "\(host)") }
    for host in [
      "go.acme.test", "app.test.evil.test", "xapp.test", "127.0.0.1.evil.test", "a.b", "1.2.3.4x", "app.test..",
    ] { #expect(!names.contains(FastPathRequest.host(host)), "\(host)") }
    await controlPlane.shutDown()
  }
}
