import GRDB
package import TenantRuntime

/// What an operator says of a sending number. What is left out stays as it is; of a new number it is the default.
package struct NumberChange: Sendable, Codable {
  package var number: PhoneNumber
  package var rate: Double?
  package var dailyCap: Int64?
  package var warmUp: String?
  /// `none` takes them away.
  package var messagingService: String?
  package var brand: String?

  package init(
    number: PhoneNumber, rate: Double? = nil, dailyCap: Int64? = nil, warmUp: String? = nil,
    messagingService: String? = nil, brand: String? = nil
  ) {
    self.number = number
    self.rate = rate
    self.dailyCap = dailyCap
    self.warmUp = warmUp
    self.messagingService = messagingService
    self.brand = brand
  }

  private func check() throws {
    if let rate, !(0.01...100_000).contains(rate) { throw Refusal.invalid("rate", "must be from 0.01 to 100000") }
    if let dailyCap, dailyCap < 0 { throw Refusal.invalid("daily_cap", "must not be below 0") }
    if let warmUp, warmUp != "on", warmUp != "off",
      Int(warmUp).map({ (1...3650).contains($0) && String($0) == warmUp }) != true
    {
      throw Refusal.invalid("warm_up", "must be on, off or a day of the ladder")
    }
    if let messagingService, messagingService != "none",
      messagingService.wholeMatch(of: /MG[0-9A-Za-z]{1,62}/) == nil
    {
      throw Refusal.invalid("messaging_service", "must be a SID like MG0123…, or none")
    }
    if case .failure(let reason) = PhoneReader.shared.dialled(number.description, region: "US") {
      throw Refusal.invalid("number", reason.sentence)
    }
  }

  /// Twilio's pace for a number nobody has said more of: one segment a second, toll-free three.
  func applied(to known: SendingNumber?) throws -> SendingNumber {
    try check()
    func named(_ word: String?, _ known: String?) -> String? { word == "none" ? nil : word ?? known }
    return SendingNumber(
      number: number, rate: rate ?? known?.rate ?? (number.isTollFree ? 3 : 1), dailyCap: dailyCap ?? known?.dailyCap,
      warmUp: warmUp ?? known?.warmUp ?? "on", messagingService: named(messagingService, known?.messagingService),
      brand: named(brand, known?.brand))
  }
}
