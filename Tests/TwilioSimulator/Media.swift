/// `/_simulator/media/NAME.png`: pictures as people send them, and such as a careful fetcher must survive.
///
/// `bytes=N` makes it that long, `chunked=1` hides the length, `redirect=N` goes round N times first, `to=URL` sends the
/// fetcher somewhere else, `type=` lies about the content, `auth=AC…` wants that account's token.
extension Provider {
  func media(_ incoming: Incoming) -> Answer {
    let query = incoming.query
    if let account = query["auth"], !isAllowed(account, incoming.authorization) {
      return Answer(TwilioError(401, 20003, "Authenticate"))
    }
    var answer = Answer(status: 200)
    answer.contentType = query["type"] ?? "image/png"
    if let address = query["to"] { return redirect(address) }
    if let rounds = query["redirect"].flatMap({ Int($0) }), rounds > 0 {
      var next = Form(query.fields.filter { $0.name != "redirect" })
      next.fields.append(("redirect", String(rounds - 1)))
      return redirect(ownURL + incoming.rawPath + "?" + String(decoding: next.encoded, as: UTF8.self))
    }
    let length = min(query["bytes"].flatMap { Int($0) } ?? 0, Self.mostMediaBytes)
    answer.body = Self.png + [UInt8](repeating: 0, count: max(0, length - Self.png.count))
    answer.hidesLength = query["chunked"] == "1"
    return answer
  }

  private func redirect(_ address: String) -> Answer {
    var answer = Answer(status: 307)
    answer.location = address
    return answer
  }

  private static let mostMediaBytes = 64 << 20

  /// One transparent pixel.
  private static let png: [UInt8] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0b, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0x00, 0x02, 0x00, 0x00, 0x05, 0x00, 0x01, 0x7a, 0x5e, 0xab, 0x3f, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
  ]
}
