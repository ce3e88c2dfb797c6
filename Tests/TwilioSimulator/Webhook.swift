import Crypto
import Foundation

/// Whose secret is under the signature: an Auth Token, or a SharedKey that a header of its own announces.
struct Signer: Sendable {
  var secret: String
  var key: String?
  var sha256 = false

  init(token: String) { secret = token }

  /// A token, or {"secret": …, "key": "KY…", "algorithm": "HMAC_SHA1" | "HMAC_SHA256"}.
  init(json: Any) throws {
    if let token = json as? String {
      self.init(token: token)
      return
    }
    guard let object = json as? [String: Any], let secret = object["secret"] as? String,
      let key = object["key"] as? String
    else { throw SettingsError("signing: a token, or secret, key and algorithm are needed") }
    self.init(token: secret)
    self.key = key
    switch object["algorithm"] as? String ?? "HMAC_SHA1" {
    case "HMAC_SHA1": break
    case "HMAC_SHA256": sha256 = true
    case let odd: throw SettingsError("signing: unknown algorithm \(odd)")
    }
  }

  func headers(_ form: Form, url: String) -> [(String, String)] {
    let text = form.signed(url: url)
    let secret = SymmetricKey(data: Array(secret.utf8))
    let mac =
      sha256
      ? Data(HMAC<SHA256>.authenticationCode(for: text, using: secret))
      : Data(HMAC<Insecure.SHA1>.authenticationCode(for: text, using: secret))
    let signature = [("X-Twilio-Signature", mac.base64EncodedString())]
    guard let key else { return signature }
    let settings = "key=\(key),algorithm=\(sha256 ? "HMAC_SHA256" : "HMAC_SHA1")"
    return signature + [("X-Twilio-Webhooks-Signature-Settings", settings)]
  }
}

extension Provider {
  /// A signed webhook, tried again and given up as its URL's overrides say.
  func post(
    _ form: Form, to url: String, account: String, token: String, forged: Bool = false,
    completion: @escaping (CallResult) -> Void
  ) {
    var signer = settings.signing[account] ?? Signer(token: settings.accounts[account]?.first ?? learned[account] ?? "")
    if forged { signer.secret += "?" }
    let headers =
      signer.headers(form, url: String(url.prefix { $0 != "#" })) + [
        ("I-Twilio-Idempotency-Token", token), ("User-Agent", "TwilioProxy/1.1"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"), ("Accept", "*/*"),
      ]
    let call = OutgoingCall(url: url, via: settings.webhooksVia, headers: headers, body: form.encoded)
    let overrides = ConnectionOverrides(url)
    attempt(call, overrides, number: 0, leftMs: overrides.totalMs, completion)
  }

  private func attempt(
    _ call: OutgoingCall, _ overrides: ConnectionOverrides, number: Int, leftMs: Int,
    _ completion: @escaping (CallResult) -> Void
  ) {
    var call = call
    call.connectMs = min(overrides.connectMs, leftMs)
    call.readMs = min(overrides.readMs, leftMs)
    pending += 1
    caller.send(call) { result, spentMs in
      self.pending -= 1
      let pause = 100 << number
      let left = leftMs - spentMs - pause
      guard number < overrides.retries, left > 0, overrides.again(after: result) else { return completion(result) }
      self.after(pause) { self.attempt(call, overrides, number: number + 1, leftMs: left, completion) }
    }
  }
}
