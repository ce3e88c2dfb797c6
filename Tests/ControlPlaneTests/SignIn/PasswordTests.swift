import Testing

@testable import ControlPlane

@Suite struct PasswordTests {
  private static let cheap = PasswordHash.Costs(log2N: 4, r: 8, p: 1)

  /// RFC 7914 12: scrypt("password", "NaCl", N=1024, r=8, p=16), its first half.
  @Test func theHashIsScryptAsTheStandardHasIt() throws {
    let hash = try PasswordHash("password", costs: .init(log2N: 10, r: 8, p: 16), salt: Array("NaCl".utf8))
    #expect(APIKey.hex(hash.hash) == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162")
  }

  @Test func whatIsStoredIsReadBackAndMatchesItsPasswordAlone() throws {
    let made = try PasswordHash("seven horses", costs: Self.cheap)
    let read = try #require(PasswordHash(stored: made.stored))
    #expect(read == made)
    #expect(try read.matches("seven horses"))
    for wrong in ["seven horse", "seven horses ", "Seven horses", ""] { #expect(try !read.matches(wrong), "\(wrong)") }
  }

  @Test func twoWaysOfWritingALetterAreOnePassword() throws {
    let composed = try PasswordHash("caf\u{E9} noir noir", costs: Self.cheap)
    #expect(try composed.matches("cafe\u{301} noir noir"))
  }

  @Test(arguments: [
    "", "scrypt$4$8$1$AAAA", "scrypt$99$8$1$AAAA$AAAA", "scrypt$4$8$1$?$AAAA", "bcrypt$4$8$1$AAAA$AAAA",
  ])
  func whatIsNoHashMatchesNothing(stored: String) async throws {
    #expect(PasswordHash(stored: stored) == nil)
    #expect(try await PasswordHasher(costs: Self.cheap).matches("", stored) == false)
  }

  @Test func moreThanCanBeHashedSoonIsRefusedAndNothingIsLost() async throws {
    let hasher = PasswordHasher(costs: .init(log2N: 12, r: 8, p: 1))
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<100 { group.addTask { (try? await hasher.hash("seven horses")) != nil } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.contains(true) && outcomes.count == 100)
    #expect(try await hasher.matches("x", nil) == false)
  }

  @Test(arguments: [
    ("short", true), ("aaaaaaaaaaaa", true), ("password123", true), ("1234567890", true), ("Password2026!", true),
    ("ana@shop.example", true), ("ana@shop.example1", true), ("shop.example12", true), ("seven horses drink", false),
    ("päärynä puussa", false), (String(repeating: "ab1", count: 100), true), ("correct horse\u{0} battery", true),
  ])
  func rulesRefuseWhatIsTriedFirst(password: String, isRefused: Bool) {
    #expect((PasswordRules.problem(password, of: "ana@shop.example") != nil) == isRefused, "\(password)")
  }

  @Test func theListOfCommonPasswordsHoldsFewOthers() {
    let found = (0..<10_000).count { CommonPasswords.contains("q\($0)w\($0 &* 7919)x") }
    #expect(found < 30)
  }
}
