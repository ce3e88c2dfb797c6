import ControlPlane
import Foundation
import NIOHTTP1
import TenantRuntime

/// What people do: they write, tap links, press the button; and what is written down for them.
extension Simulator {
  private static let stops: Set<String> = ["STOP", "stop", "Stop.", "opt out", "unsubscribe"]
  private static let starts: Set<String> = ["START", "UNSTOP", "yes"]

  func speak(_ operation: Operation) {
    let asked = oracle.asked
    switch operation {
    case .text(let tenant, let person, let serial, let body): write(tenant, person, serial, body)
    case .replay(let serial):
      guard let text = inbound[serial] else { return }
      deliver(serial, text.tenant, text.person, text.body, text.form, isReplay: true)
    case .click(let index): tap(index)
    case .unsubscribe(let index): pressButton(index)
    case .doNotContact(let tenant, let people):
      let phones = people.map(People.phone)
      world.api("POST", "do-not-contact", of: tenant, json: ["phones": phones, "reason": "asked"]) {
        [unowned self] answer in
        guard answer.isGood else { return }
        for phone in phones {
          oracle.optedOut(.init(tenant: tenant, phone: phone), nil, since: asked, by: "do-not-contact")
        }
      }
    case .consent(let tenant, let person, let isGrant, let purpose, let ago):
      state(tenant, person, isGrant, purpose, ago)
    case .reply(let tenant, let person, let marker):
      world.api("GET", "conversations?phone=\(Form.encode(People.phone(person)))", of: tenant) {
        [unowned self] answer in
        guard let first = (answer.json["data"] as? [[String: Any]])?.first, let id = first["id"] as? Int else { return }
        world.api("POST", "conversations/\(id)/messages", of: tenant, json: ["body": "[\(marker)] Hi"])
      }
    default: return
    }
  }

  private func write(_ tenant: Int, _ person: Int, _ serial: Int, _ body: String) {
    let sid = "SM" + String(format: "%032x", 1 << 40 + serial)
    let form = [
      ("MessageSid", sid), ("SmsSid", sid), ("AccountSid", World.account(tenant)), ("From", People.phone(person)),
      ("To", World.number(tenant)), ("Body", body), ("NumMedia", "0"), ("NumSegments", "1"), ("SmsStatus", "received"),
      ("ApiVersion", "2010-04-01"),
    ]
    inbound[serial] = (tenant, person, body, form)
    // The provider obeys keywords of one word by itself.
    let pair = "\(People.phone(person)) \(World.number(tenant))"
    if ["STOP", "stop", "unsubscribe"].contains(body) { provider.optedOut.insert(pair) }
    if Self.starts.contains(body) { provider.optedOut.remove(pair) }
    deliver(serial, tenant, person, body, form, isReplay: false)
  }

  private func deliver(
    _ serial: Int, _ tenant: Int, _ person: Int, _ body: String, _ form: [(String, String)], isReplay: Bool
  ) {
    let who = Oracle.Person(tenant: tenant, phone: People.phone(person))
    let asked = oracle.asked
    // Until it has been answered well once, the server may be hearing it for the first time.
    let lifts = Self.starts.contains(body) && !(isReplay && oracle.answered[form[0].1] != nil)
    if lifts { oracle.liftBegins(who, nil) }
    world.webhook(
      "/webhooks/twilio/inbound", form, token: World.token(tenant),
      event: isReplay ? "\(serial)-\(Machine.now)" : "\(serial)"
    ) { [unowned self] answer in
      if lifts { oracle.liftEnds(who) }
      if answer.isGood {
        if Self.stops.contains(body), !isReplay { oracle.optedOut(who, nil, since: asked, by: "text") }
        oracle.answered[form[0].1] = (tenant, oracle.history[tenant])
      } else if answer.status != 0, answer.status < 500 {
        watch.fail("an inbound text is answered \(answer.status): \(answer.text)")
      }
    }
  }

  private func linkOf(_ index: Int) -> (tenant: Int, path: String)? {
    guard !provider.ledger.isEmpty else { return nil }
    let text = provider.ledger[index % provider.ledger.count]
    guard let tenant = Oracle.tenant(ofNumber: text.from),
      let range = text.body.range(of: "https://\(World.linkHost(tenant))")
    else { return nil }
    return (tenant, String(text.body[range.upperBound...].prefix { $0 != " " }))
  }

  private func tap(_ index: Int) {
    guard let (tenant, path) = linkOf(index) else { return }
    let headers = [
      ("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1")
    ]
    world.knock(.GET, World.linkHost(tenant), path, headers) { [unowned self] answer in
      if answer.status == 302 { oracle.taps[tenant, default: [:]][oracle.history[tenant], default: 0] += 1 }
      if answer.status == 500 { watch.fail("a link is answered 500: \(answer.text)") }
    }
  }

  private func pressButton(_ index: Int) {
    guard !provider.ledger.isEmpty, let controlPlane = world.controlPlane else { return }
    let text = provider.ledger[index % provider.ledger.count]
    guard let tenant = Oracle.tenant(ofNumber: text.from),
      let keys = controlPlane.routing.tenants[World.tenants[tenant]]?.linkKeys,
      let job = Form.read(text.callback.split(separator: "?").last ?? "")["job"].flatMap({ Int64($0) }),
      oracle.historyOf[text.sid] == oracle.history[tenant]
    else { return }
    let asked = oracle.asked
    let token = LinkToken.page(job: job).text(key: keys.newest)
    world.request("POST", World.linkHost(tenant), "/u/\(token)") { [unowned self] answer in
      if answer.isGood { oracle.optedOut(.init(tenant: tenant, phone: text.to), nil, since: asked, by: "page") }
    }
  }

  private func state(_ tenant: Int, _ person: Int, _ isGrant: Bool, _ purpose: String?, _ ago: Int) {
    let who = Oracle.Person(tenant: tenant, phone: People.phone(person))
    let asked = oracle.asked
    var json: [String: Any] = ["phone": who.phone, "action": isGrant ? "grant" : "revoke"]
    if let purpose { json["purpose"] = purpose }
    if isGrant { (json["evidence"], json["source"]) = ("ticked the box", "shop") }
    if ago > 0 {
      json["at"] = ProviderText.iso(Machine.seconds - Int64(ago))
    }
    if isGrant, ago == 0 { oracle.liftBegins(who, purpose) }
    world.api("POST", "consents", of: tenant, json: json) { [unowned self] answer in
      if isGrant, ago == 0 { return oracle.liftEnds(who) }
      // What was revoked at a past time may have been granted since: only what is said of now is held against the server.
      if answer.isGood, !isGrant, ago == 0 { oracle.optedOut(who, purpose, since: asked, by: "consents") }
    }
    if isGrant, ago > 0 {
      // Whether it lifts hangs on what was said since: nothing is held against the server.
      oracle.forget(who)
    }
  }
}
