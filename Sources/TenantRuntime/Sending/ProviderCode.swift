/// What a refusal or failure code of Twilio means for us (twilio.com/docs/api/errors).
package enum ProviderCode {
  package enum Meaning: Sendable, Equatable {
    /// This person cannot be texted, ever.
    case badNumber
    case optedOut
    /// The account has too many requests at once (20429): not processed, safe to offer again.
    case tryLater
    /// The number's own queue is full, or carriers say it is too fast.
    case slowNumber
    /// The carriers' day of this number's brand is used up; the next one begins at midnight, Pacific time.
    case fullDay
    /// Nothing from this sending number will go through.
    case pauseNumber
    /// Nothing of this tenant will go through.
    case pauseTenant
    case permanent
  }

  package static func meaning(_ code: Int, status: Int = 400) -> Meaning {
    switch code {
    case 21611, 30001, 30017, 30022: .slowNumber
    case 30023, 30027: .fullDay
    case 20429: .tryLater
    case _ where status == 429: .tryLater
    case 21610: .optedOut
    case 21211, 21214, 21217, 21614, 21635, 30005, 30006: .badNumber
    case 21212, 21606, 21659, 21660, 21661, 30034, 30035, 30032, 30033: .pauseNumber
    case 20003, 20005, 20404, 30002, 21701, 21703, 21704, 21705, 63038: .pauseTenant
    default: .permanent
    }
  }
}
