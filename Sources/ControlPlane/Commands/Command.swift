import Crypto
package import Foundation
import GRDB
import Synchronization
package import TenantRuntime

/// A change an operator asks for: by command line (in this process, or as a pending command of the running server) or by the admin API.
package enum Command: Sendable, Codable {
  case createTenant(
    key: String, name: String, ownerEmail: String, timeZone: String, twilioSID: String?, sealedToken: Data?,
    settings: String? = nil)
  case rename(key: String, name: String)
  case archive(key: String, reason: String)
  case unarchive(key: String)
  case delete(key: String, confirm: String, asTenant: Bool)
  case keep(key: String, asTenant: Bool)
  case setQuotas(key: String, limits: [String: Int64?])
  case setTwilioAccount(key: String, sid: String, sealedToken: Data)
  case dropFormerToken(key: String)
  case removeNumber(key: String, number: PhoneNumber)
  case pause(key: String, reason: String)
  case resume(key: String)
  case suspend(key: String, reason: String)
  case reinstate(key: String)
  case unfence(key: String)
  case addNumber(key: String, number: NumberChange)
  case moveNumber(key: String, number: PhoneNumber, other: String)
  case rotateLinkKey(key: String)
  case setBrand(name: String, dailyCap: Int64)
  case setKillSwitch(on: Bool, reason: String)
  case addHost(key: String, host: String)
  case verifyHost(key: String, host: String)
  case makeDefaultHost(key: String, host: String)
  case removeHost(key: String, host: String)
  case addKey(APIKey)
  case rotateKey(id: String, into: APIKey, overlapHours: Int64)
  case revokeKey(id: String)
  case addAdmin(email: String, linkHash: [UInt8])
  case inviteUser(key: String, email: String, role: Role, linkHash: [UInt8])
  /// - Parameter accepts: the invitations that wait, too; nil: as false.
  case addUserLink(email: String, linkHash: [UInt8], accepts: Bool? = nil)
  case backup(key: String, to: String)
  case restore(key: String, from: String)
  case restoreAs(key: String, from: String, other: String)
  case rejudgeLinks(key: String, since: Int64?)

  /// As the audit log names it.
  var action: String {
    switch self {
    case .createTenant: "tenant.create"
    case .rename: "tenant.rename"
    case .archive: "tenant.archive"
    case .unarchive: "tenant.unarchive"
    case .delete: "tenant.delete_order"
    case .keep: "tenant.keep"
    case .setQuotas: "quotas.set"
    case .setTwilioAccount: "twilio_account.set"
    case .dropFormerToken: "twilio_account.drop_former_token"
    case .removeNumber: "number.remove"
    case .pause: "tenant.pause"
    case .resume: "tenant.resume"
    case .suspend: "tenant.suspend"
    case .reinstate: "tenant.reinstate"
    case .unfence: "tenant.unfence"
    case .addNumber: "number.add"
    case .moveNumber: "number.move"
    case .rotateLinkKey: "link_key.rotate"
    case .setBrand: "brand.set"
    case .setKillSwitch(let on, _): on ? "kill_switch.on" : "kill_switch.off"
    case .addHost: "host.vouch"
    case .verifyHost: "host.verify"
    case .makeDefaultHost: "host.default"
    case .removeHost: "host.remove"
    case .addKey: "api_key.create"
    case .rotateKey: "api_key.rotate"
    case .revokeKey: "api_key.revoke"
    case .addAdmin: "admin.create"
    case .inviteUser: "user.invite"
    case .addUserLink: "user.link"
    case .backup: "tenant.backup"
    case .restore: "tenant.restore"
    case .restoreAs: "tenant.restore_as"
    case .rejudgeLinks: "links.rejudge"
    }
  }

  /// Whose turn it waits for: commands about one tenant are carried out one after the other.
  var subject: String {
    switch self {
    case .createTenant(let key, _, _, _, _, _, _), .rename(let key, _), .archive(let key, _), .unarchive(let key),
      .delete(let key, _, _), .keep(let key, _), .setQuotas(let key, _), .setTwilioAccount(let key, _, _),
      .dropFormerToken(let key), .removeNumber(let key, _), .pause(let key, _), .resume(let key), .suspend(let key, _),
      .reinstate(let key), .unfence(let key), .addNumber(let key, _), .moveNumber(let key, _, _),
      .rotateLinkKey(let key),
      .addHost(let key, _), .verifyHost(let key, _), .makeDefaultHost(let key, _), .removeHost(let key, _),
      .inviteUser(let key, _, _, _), .backup(let key, _),
      .restore(let key, _), .restoreAs(let key, _, _), .rejudgeLinks(let key, _):
      key
    case .addKey(let apiKey): apiKey.tenant ?? ""
    case .setBrand, .setKillSwitch, .addAdmin, .addUserLink, .rotateKey, .revokeKey: ""
    }
  }
}
