import Foundation
import TenantRuntime

/// What scripts say by themselves (`said("…")` in Assets/said.js): a page that is not English carries their sentences in its language.
enum ScriptSentences {
  static let all: [String] = {
    let scripts = [
      PackageResources.live_js, PackageResources.passkey_js, PackageResources.passkeys_js, PackageResources.swap_js,
      PackageResources.writing_js,
    ]
    let call = /\bsaid\("([^"]+)"/
    return Set(scripts.flatMap { String(decoding: $0, as: UTF8.self).matches(of: call).map { String($0.1) } }).sorted()
  }()

  private static let spanish: String = {
    let known = TenantPageSources.spanish
    return JSON.object(all.compactMap { sentence in known[sentence].map { (sentence, .text($0)) } }).serialized
  }()

  /// An object of English sentences and those of the language; nil: the scripts' own are right.
  static func json(in language: Words.Language) -> String? {
    switch language {
    case .en: nil
    case .es: spanish
    }
  }
}
