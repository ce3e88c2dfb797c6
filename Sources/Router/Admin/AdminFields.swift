import TenantRuntime

extension AdminRoutes {
  /// What `POST tenants` takes.
  enum TenantFields {
    static let key = Field<String>.text(
      "key", most: 39, missing: "is required", about: "Never changed: [a-z0-9][a-z0-9-]{1,38}.", example: "acme")
    static let name = Field<String>.line(
      "name", most: 200, missing: "is required", about: "Of the business.", example: "Acme")
    static let ownerEmail = Field<String>.text(
      "owner_email", most: 320, missing: "is required", about: "Who is invited as the owner.",
      example: "owner@acme.example")
    static let timeZone = Field<String>.text(
      "time_zone", most: 64, about: "UTC unless given.", example: "America/New_York")
    static let twilioSID = Field<String>.text(
      "twilio_sid", most: 64, about: "Together with twilio_token.", example: "AC0123")
    static let twilioToken = Field<String>.text(
      "twilio_token", most: 200, about: "Kept sealed, never shown.", example: "0123")

    static let settings = Documented(
      "settings", SettingsTemplate.shape.about("What the tenant begins with, as PATCH settings takes it.").orNull)

    static let all: [any DeclaredField] = [key, name, ownerEmail, timeZone, twilioSID, twilioToken, settings]
  }

  /// What `POST tenants/KEY/numbers` takes.
  enum NumberFields {
    static let dailyCap = Field<Int64>.int(
      "daily_cap", 0...1_000_000_000, about: "Texts a day at most.", example: 2_000)
    static let warmUp = Field<String>.text(
      "warm_up", most: 4, about: "on, off, or the day of the ladder it begins on.", example: "on")
    static let messagingService = Field<String>.text(
      "messaging_service", most: 64, about: "Of the provider.", example: "MG0123")
    static let brand = Field<String>.line("brand", most: 100, about: "A registered brand.", example: "acme")

    static let all: [any DeclaredField] = [
      Documented("number", .phone, required: true),
      Documented("rate", Shape.number.about("Segments a second.").orNull), dailyCap, warmUp, messagingService, brand,
    ]
  }
}
