import TenantRuntime
import Testing

@testable import ControlPlane

@Suite struct OneTimeCodeTests {
  /// RFC 6238 B, the last six of its eight digits.
  @Test(
    arguments: [
      (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
      (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ] as [(Int64, String)])
  func codesAreThoseOfTheStandard(seconds: Int64, code: String) {
    #expect(OneTimeCode(secret: Array("12345678901234567890".utf8)).code(step: seconds / 30) == code)
  }

  @Test func aCodeHoldsForItsStepAndItsNeighboursAndOnceOnly() {
    let totp = OneTimeCode.make()
    let now = Moment(milliseconds: 1_800_000_000_000)
    let step: Int64 = 60_000_000
    for offset in Int64(-3)...3 {
      let found = totp.step(of: totp.code(step: step + offset), at: now, after: nil)
      #expect(found == (abs(offset) <= 1 ? step + offset : nil), "\(offset)")
    }
    #expect(totp.step(of: totp.code(step: step), at: now, after: step) == nil)
    #expect(totp.step(of: totp.code(step: step - 1), at: now, after: step) == nil)
    #expect(
      totp.step(of: " \(totp.code(step: step).prefix(3)) \(totp.code(step: step).suffix(3))", at: now, after: nil)
        == step)
    for wrong in ["", "12345", "abcdef", String(repeating: "1", count: 1_000)] {
      #expect(totp.step(of: wrong, at: now, after: nil) == nil)
    }
  }

  @Test func theSecretIsWrittenAsBase32() {
    #expect(OneTimeCode(secret: Array("12345678901234567890".utf8)).base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    #expect(OneTimeCode(secret: Array("f".utf8)).base32 == "MY")
  }

  @Test func recoveryCodesAreComparedHoweverTheyAreTyped() {
    let codes = RecoveryCodes.make()
    #expect(Set(codes).count == RecoveryCodes.count)
    #expect(RecoveryCodes.digest(codes[0]) == RecoveryCodes.digest(codes[0].uppercased().replacing("-", with: " ")))
    #expect(RecoveryCodes.digest(codes[0]) != RecoveryCodes.digest(codes[1]))
  }
}
