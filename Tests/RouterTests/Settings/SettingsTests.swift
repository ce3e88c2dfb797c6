import ArgumentParser
import Foundation
import Testing

@testable import Router

@Suite struct SettingsTests {
  /// A settings file for the time of `body`.
  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).json").path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func entry(_ settings: Settings, _ setting: Setting) -> String {
    settings.entries.first { $0.setting == setting }.map { "\($0.value) (\($0.origin.rawValue))" } ?? ""
  }

  @Test func aFlagGoesBeforeTheEnvironmentAndThatBeforeTheFile() throws {
    try withFile(#"{"listen": "1.1.1.1:1", "data": "/file", "twilio_api": "https://file.test", "open_files": 7}"#) {
      path in
      let flags = try SettingFlags.parse(["--listen", "3.3.3.3:3", "--settings-file", path])
      let settings = try Settings(
        flags: flags.given, environment: ["ROUNDHOUSE_LISTEN": "2.2.2.2:2", "ROUNDHOUSE_DATA": "/environment"])
      #expect(entry(settings, .listen) == "3.3.3.3:3 (flag)")
      #expect(entry(settings, .data) == "/environment (environment)")
      #expect(entry(settings, .twilioAPI) == "https://file.test (file)")
      #expect(entry(settings, .openFiles) == "7 (file)")
      #expect(entry(settings, .logLevel) == "info (default)")
      #expect(entry(settings, .publicURL) == "http://3.3.3.3:3 (default)")
    }
  }

  @Test func theFileIsNamedInTheEnvironmentToo() throws {
    try withFile(#"{"redis_url": "redis://cache.test", "secret_key": ""}"#) { path in
      let settings = try Settings(flags: [:], environment: ["ROUNDHOUSE_SETTINGS_FILE": path])
      #expect(entry(settings, .settingsFile) == "\(path) (environment)")
      #expect(entry(settings, .redisURL) == "redis://cache.test (file)" && entry(settings, .secretKey) == " (default)")
    }
  }

  @Test func aVariableSetToNothingIsNotSet() throws {
    let settings = try Settings(flags: [:], environment: ["ROUNDHOUSE_DATA": "", "ROUNDHOUSE_SETTINGS_FILE": ""])
    #expect(entry(settings, .data) == ". (default)")
  }

  @Test(arguments: Setting.allCases) func everySettingIsReadFromTheEnvironment(_ setting: Setting) throws {
    guard setting != .settingsFile else { return }
    let settings = try Settings(flags: [:], environment: [setting.variable: "x"])
    #expect(entry(settings, setting) == "x (environment)")
  }

  @Test(arguments: [
    (#"{"listn": "1.1.1.1:1"}"#, "listn"), (#"{"data": ["/x"]}"#, "data"), (#"{"data": null}"#, "data"),
    (#"{"settings_file": "y"}"#, "settings_file"), ("[]", "no JSON object"),
    ("data: x", "no JSON object"), ("", "no JSON object"),
    (String(repeating: " ", count: 70_000) + "{}", "no JSON object"),
  ])
  func whatIsWrongInAFileIsNamed(_ text: String, _ word: String) throws {
    try withFile(text) { path in
      #expect {
        try Settings(flags: [.settingsFile: path], environment: [:])
      } throws: { error in
        "\(error)".contains("ROUNDHOUSE_SETTINGS_FILE: \(path)") && "\(error)".contains(word)
      }
    }
    #expect { try Settings(flags: [.settingsFile: "/nowhere/x.json"], environment: [:]) } throws: {
      "\($0)".contains("/nowhere/x.json cannot be read")
    }
  }

  @Test func secretsAreMasked() {
    #expect(Setting.secretKey.shown("hidden") == "********" && Setting.secretKey.shown("") == "")
    #expect(Setting.redisURL.shown("redis://u:a:b@c@cache.test/0") == "redis://u:********@cache.test/0")
    #expect(Setting.data.shown("/data") == "/data")
  }

  @Test func whatIsNoNumberIsNoCountOfFiles() throws {
    let settings = try Settings(flags: [:], environment: ["ROUNDHOUSE_OPEN_FILES": "many"])
    #expect { try settings.openFiles() } throws: {
      "\($0)".contains("ROUNDHOUSE_OPEN_FILES") && "\($0)".contains("many")
    }
  }
}
