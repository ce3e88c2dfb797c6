import ControlPlane
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// Style, scripts and pictures of the pages, at addresses that change with them. Ours are part of the program; the font and the icons are
/// Debian's, cut by `ops/assets` into a folder that is read at start. Without it pages show the system's font and no icons.
struct Assets: Sendable {
  private struct File: Sendable {
    var type: String
    var bytes: [UInt8]
  }

  private let files: [String: File]
  /// Of all of them: modules find each other by relative addresses.
  private let hash: String
  /// Names in the sprite of icons.
  let icons: Set<String>
  let isComplete: Bool

  /// - Parameter folders: where the font and the icons may be; the first that has them counts.
  init(folders: [String]) {
    var files = Self.own
    let folder = folders.first { FileManager.default.isReadableFile(atPath: "\($0)/icons.svg") }
    for (name, type) in [("inter.woff2", "font/woff2"), ("icons.svg", "image/svg+xml")] {
      guard let folder, let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
      files[name] = File(type: type, bytes: Array(data))
    }
    let sprite = files["icons.svg"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
    icons = Set(sprite.matches(of: #/<symbol id="([a-z0-9-]+)"/#).map { String($0.1) })
    isComplete = folder != nil
    self.files = files
    var hasher = SHA256()
    for name in files.keys.sorted() { hasher.update(data: files[name]?.bytes ?? []) }
    hash = String(APIKey.hex(hasher.finalize().prefix(6)))
  }

  static let here = Assets(folders: folders)

  private static var folders: [String] {
    [ProcessInfo.processInfo.environment["ROUNDHOUSE_ASSETS"]].compactMap { $0 } + [".assets"] + besideProgram
      + ["/usr/share/roundhouse/assets"]
  }

  /// Beside the program, wherever it is started from: where it was installed, or the checkout that it was built in.
  private static var besideProgram: [String] {
    var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    return (0..<4).map { _ in
      defer { folder.deleteLastPathComponent() }
      return folder.appendingPathComponent(".assets").path
    }
  }

  private static let own: [String: File] = {
    let sheets = [
      PackageResources.tokens_css, PackageResources.base_css, PackageResources.layout_css, PackageResources.parts_css,
      PackageResources.pages_css, PackageResources.helpers_css,
    ]
    func script(_ bytes: [UInt8]) -> File { File(type: "text/javascript; charset=utf-8", bytes: bytes) }
    return [
      "app.css": File(type: "text/css; charset=utf-8", bytes: Array(sheets.joined())),
      "mark.svg": File(type: "image/svg+xml", bytes: PackageResources.mark_svg),
      "passkey.js": script(PackageResources.passkey_js), "passkeys.js": script(PackageResources.passkeys_js),
      "app.js": script(PackageResources.app_js),
      "chart.js": script(PackageResources.chart_js), "dialog.js": script(PackageResources.dialog_js),
      "keys.js": script(PackageResources.keys_js), "live.js": script(PackageResources.live_js),
      "said.js": script(PackageResources.said_js),
      "swap.js": script(PackageResources.swap_js), "writing.js": script(PackageResources.writing_js),
    ]
  }()

  /// Where the pages find it.
  func address(_ name: String) -> String { "/assets/\(hash)/\(name)" }
  func has(_ name: String) -> Bool { files[name] != nil }

  func answer(_ hash: String, _ name: String) throws -> Response {
    guard let file = files[name], hash == self.hash else { throw Refusal.notFound("There is nothing at this address.") }
    return Response(
      status: .ok,
      headers: [
        .contentType: file.type, .cacheControl: "public, max-age=31536000, immutable", .xContentTypeOptions: "nosniff",
      ], body: .init(byteBuffer: ByteBuffer(bytes: file.bytes)))
  }
}
