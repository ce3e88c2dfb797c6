import HTTPTypes
import Hummingbird
import NIOCore

/// A link of its own as a picture for posters and cards.
enum LinkCodeRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "links/:id/qr.svg", needs: .readLinks, about: "A link as a QR code, to be printed in any size",
      answers: [Answer(200, "A picture.", type: "image/svg+xml")]
    ) { call in
      let (name, address, code) = try await code(call)
      return picture(Array(code.svg(title: address).utf8), type: "image/svg+xml", name: name + ".svg")
    },
    Route(
      .get, "links/:id/qr.png", needs: .readLinks, about: "A link as a QR code, black on white",
      answers: [Answer(200, "A picture.", type: "image/png")]
    ) { call in
      let (name, _, code) = try await code(call)
      return picture(code.png(), type: "image/png", name: name + ".png")
    },
  ]

  private static func code(_ call: Call<Runtime>) async throws -> (name: String, address: String, QRCode) {
    let (id, lease) = (try call.id(of: "link"), call.subject.lease)
    let link = try await call.subject.file.read { db in try ShortLink.find(db, id: id) }
    guard let address = link.json(lease)["url"]?.text, let code = QRCode(address) else {
      throw Refusal.conflict("Each text of a campaign has a link of its own; there is no code for all of them.")
    }
    return (link.slug ?? "link-\(id)", address, code)
  }

  private static func picture(_ bytes: [UInt8], type: String, name: String) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: type, .contentDisposition: "attachment; filename=\"\(name)\"", .cacheControl: "no-store",
      ], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
