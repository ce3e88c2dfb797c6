import ControlPlane
import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// Style, pictures and scripts of the pages: part of the program, at addresses that change with them.
enum Assets {
  private struct File: Sendable {
    var type: String
    var bytes: [UInt8]
    var hash: String
  }

  private static let files: [String: File] = [
    "sign-in.css": file("text/css; charset=utf-8", PackageResources.sign_in_css),
    "mark.svg": file("image/svg+xml", PackageResources.mark_svg),
    "passkey.js": file("text/javascript; charset=utf-8", PackageResources.passkey_js),
  ]

  private static func file(_ type: String, _ bytes: [UInt8]) -> File {
    File(type: type, bytes: bytes, hash: String(APIKey.hex(SHA256.hash(data: bytes).prefix(6))))
  }

  /// Where the pages find it.
  static func address(_ name: String) -> String { "/assets/\(files[name]?.hash ?? "none")/\(name)" }

  static func answer(_ hash: String, _ name: String) throws -> Response {
    guard let file = files[name], file.hash == hash else { throw Refusal.notFound("There is nothing at this address.") }
    return Response(
      status: .ok,
      headers: [
        .contentType: file.type, .cacheControl: "public, max-age=31536000, immutable", .xContentTypeOptions: "nosniff",
      ], body: .init(byteBuffer: ByteBuffer(bytes: file.bytes)))
  }
}
