import Foundation
import Logging
import Testing

@testable import Router

@Suite struct LogDrainTests {
  /// A pipe whose reader has stopped: anyone who logs goes on, and what was lost is counted.
  @Test(.timeLimit(.minutes(5))) func aStalledReaderHoldsNobodyUp() throws {
    let pipe = Pipe()
    let drain = LogDrain(descriptor: pipe.fileHandleForWriting.fileDescriptor, mostLines: 1_000, mostBytes: 1 << 20)
    var handler = JSONLogHandler(label: "test", drain: drain)
    handler.logLevel = .info
    let logger = Logger(label: "test") { _ in handler }
    let count = 20_000
    for number in 0..<count { logger.info("line", metadata: ["number": "\(number)"]) }
    var (read, dropped, rest) = (0, 0, Data())
    while read + dropped < count {
      rest += pipe.fileHandleForReading.availableData
      while let end = rest.firstIndex(of: 10) {
        let line = try #require(JSONSerialization.jsonObject(with: rest[..<end]) as? [String: String])
        rest = Data(rest[(end + 1)...])
        if line["message"] == "line" { read += 1 } else { dropped += Int(line["lines"] ?? "") ?? 0 }
      }
    }
    #expect(read + dropped == count && dropped > 0 && read >= 1_000)
    drain.flush(within: 10)
  }

  @Test func aLineIsOneObjectWhateverIsInIt() throws {
    let line = JSONLogHandler.line(level: "info", label: "l", message: "a\n\"b\"", ["k\u{0}": "\u{1F}\\"])
    #expect(line.count { $0 == 10 } == 1 && line.last == 10)
    let read = try #require(JSONSerialization.jsonObject(with: line) as? [String: String])
    #expect(read["message"] == "a\n\"b\"" && read["k\u{0}"] == "\u{1F}\\" && read["at"]?.hasSuffix("Z") == true)
  }
}
