import Foundation
import GRDB
import TenantRuntime

@testable import ControlPlane

extension ControlPlane {
  /// What waits to be mailed to an address, the oldest first.
  func mails(to email: String) async throws -> [Mail] {
    let secret = directory.secret
    return try await directory.file.read { db in
      try Data.fetchAll(db, sql: "SELECT content FROM mails ORDER BY id").compactMap { sealed in
        try JSONDecoder().decode(Mail.self, from: Data(try secret.open(sealed)))
      }.filter { $0.to == email }
    }
  }

  /// Tokens of the links in them.
  func tokens(to email: String) async throws -> [String] {
    try await mails(to: email).compactMap { mail in
      mail.button.flatMap { $0.link.components(separatedBy: "token=").dropFirst().first }
    }
  }

  /// The session's token, once somebody has come in by a link.
  func comeIn(_ token: String, in browser: [UInt8] = [1]) async throws -> String {
    guard case .session(let session, _) = try await signIn.confirm(token, .test(browser)) else {
      throw Refusal.unauthenticated
    }
    return session
  }
}

extension SignIn.Place {
  static func test(_ browser: [UInt8] = [1]) -> SignIn.Place {
    SignIn.Place(browser: browser, known: nil, address: "192.0.2.7", network: "192.0.2.7", agent: "test")
  }
}
