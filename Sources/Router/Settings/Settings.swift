import ArgumentParser
import Configuration
import Foundation
import TenantRuntime

/// What is set: by a flag, else the environment, else the settings file, else the default. Read once, before anything opens.
struct Settings: Sendable {
  enum Origin: String, Sendable { case flag, environment, file, fallback = "default" }

  struct Entry: Sendable {
    let setting: Setting
    let value: String
    let origin: Origin
  }

  /// In the order of `Setting`.
  let entries: [Entry]
  private let values: [Setting: String]

  subscript(setting: Setting) -> String { values[setting] ?? setting.fallback }

  /// A variable that is set to nothing is not set.
  init(flags: [Setting: String], environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    var sources: [(Origin, any ConfigProvider)] = [
      (.flag, Self.provider(flags)),
      (
        .environment,
        EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty })
          .prefixKeys(with: ConfigKey(Setting.prefix))
      ),
    ]
    if let (path, _) = try Self.find(.settingsFile, in: sources) { sources.append((.file, try Self.file(path))) }
    var entries: [Entry] = []
    var values: [Setting: String] = [:]
    for setting in Setting.allCases {
      let fallback = setting == .publicURL ? "http://" + (values[.listen] ?? "") : setting.fallback
      let (value, origin) = try Self.find(setting, in: sources) ?? (fallback, .fallback)
      values[setting] = value
      entries.append(Entry(setting: setting, value: value, origin: origin))
    }
    (self.entries, self.values) = (entries, values)
  }

  private static func find(_ setting: Setting, in sources: [(Origin, any ConfigProvider)]) throws -> (String, Origin)? {
    let key = AbsoluteConfigKey([setting.rawValue])
    for (origin, source) in sources {
      if case .string(let text)? = try source.value(forKey: key, type: .string).value?.content { return (text, origin) }
    }
    return nil
  }

  private static func provider(_ values: [Setting: String]) -> InMemoryProvider {
    InMemoryProvider(
      values: Dictionary(
        uniqueKeysWithValues: values.map { setting, value in
          (AbsoluteConfigKey([setting.rawValue]), ConfigValue(.string(value), isSecret: setting == .secretKey))
        }))
  }

  private static let largestFile = 64 << 10

  /// One object of texts and numbers. A name that is none of ours is a mistake that would go unseen otherwise.
  private static func file(_ path: String) throws -> InMemoryProvider {
    func wrong(_ what: String) -> ValidationError {
      ValidationError("\(Setting.settingsFile.variable): \(path) \(what)")
    }
    // Nothing at all is what an empty file answers.
    guard let file = FileHandle(forReadingAtPath: path),
      let bytes = try? file.read(upToCount: largestFile + 1) ?? Data()
    else { throw wrong("cannot be read") }
    guard bytes.count <= largestFile, let members = (try? JSON(parsing: bytes))?.members else {
      throw wrong("is no JSON object of settings")
    }
    var values: [Setting: String] = [:]
    for (name, value) in members {
      guard let setting = Setting(rawValue: name), setting != .settingsFile else {
        throw wrong("sets \(name), which there is not")
      }
      switch value {
      case .text(let text): values[setting] = text
      case .int(let number): values[setting] = String(number)
      default: throw wrong("must set \(name) to a text or a number")
      }
    }
    return provider(values.filter { !$0.value.isEmpty })
  }
}
