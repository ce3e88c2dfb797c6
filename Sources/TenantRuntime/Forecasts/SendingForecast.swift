import Foundation
import GRDB

/// When the people of a campaign would be texted if it began at a moment and nothing changed: the gates that put texts off (hours, numbers,
/// brands, budgets, pace), asked in advance.
///
/// Time runs from one change to the next (a group's hours open or close, a day ends, a number or a limit is used up, all are texted); in
/// between texts flow at the pace of the numbers that may still send. Other running campaigns on the same numbers are taken to go first.
/// Taken as even: people of all groups in one queue, and each number its share by its pace. What a person's known number delays is not seen.
struct SendingForecast: Sendable {
  enum When: String, CaseIterable, Sendable {
    /// As soon as it begins, on that day.
    case atStart = "at_start"
    case sameDay = "same_day"
    case nextDay = "next_day"
    case later
    /// Not within `farthestDays`, or not until somebody changes what holds it.
    case never
  }

  struct Wave: Sendable {
    var when: When
    /// The gate that put them off; nil: none did.
    var reason: String?
    var people: Int64
    var from: Moment?
    var until: Moment?
    var examples: [Int64]
  }

  struct Day: Sendable {
    var date: LocalDay
    var people: Int64
    var segments: Int64
    var micros: Int64
  }

  static let farthestDays = 30

  let startsAt: Moment
  /// When the last text leaves; nil: some would wait for ever, or longer than `farthestDays`.
  let endsAt: Moment?
  /// Where a forecast that takes too long was broken off; who was not texted by then is `later` without a time. Nil: it was not.
  let seenUntil: Moment?
  let waves: [Wave]
  let days: [Day]

  /// People with the same hours.
  struct Group {
    var people = 0.0
    var segments = 0.0
    var micros = 0.0
    /// In the order of the queue.
    var contacts: [Int64] = []
  }

  init(
    _ groups: [TextingHours: Group], _ means: SendingMeans, start: Moment, zone: String,
    mostWork: Int = SendingCourse.mostWork
  ) {
    var course = SendingCourse(groups, means, start: start, zone: zone)
    course.run(mostWork: mostWork)
    startsAt = start
    endsAt = course.end
    seenUntil = course.seenUntil
    waves = course.waves
    days = course.days
  }
}
