import Foundation
import Testing

@testable import ConnectorKit

@Suite struct LineSplitterTests {
  private func split(_ parts: [Data], limit: Int) -> [LineSplitter.Event] {
    var splitter = LineSplitter(limit: limit)
    var events: [LineSplitter.Event] = []
    for part in parts {
      part.withUnsafeBytes { bytes in splitter.feed(bytes) { _, event in events.append(event) } }
    }
    return events
  }

  @Test(arguments: [1, 2, 3, 7, 1000])
  func linesAreTheSameHoweverTheBytesAreCut(_ step: Int) {
    // U+2028, U+0085 and vertical tabs end lines for Swift's own splitting, but not here.
    let text = Data("{\"a\":\"\u{2028}\u{85}\u{0B}\u{1F600}\"}\n\n{\"b\":2}\r\nrest".utf8)
    let parts = stride(from: 0, to: text.count, by: step).map { text[$0..<min($0 + step, text.count)] }
    #expect(
      split(parts, limit: 100) == [
        .line(Data("{\"a\":\"\u{2028}\u{85}\u{0B}\u{1F600}\"}".utf8)), .line(Data()), .line(Data("{\"b\":2}\r".utf8)),
      ])
  }

  @Test(arguments: [1, 5, 64, 4096])
  func aLineBeyondTheLimitIsReportedOnceAndSkipped(_ step: Int) {
    let text = Data(repeating: 0x61, count: 11) + Data("\n".utf8) + Data(repeating: 0x62, count: 10) + Data("\n".utf8)
    let parts = stride(from: 0, to: text.count, by: step).map { text[$0..<min($0 + step, text.count)] }
    #expect(split(parts, limit: 10) == [.tooLong, .line(Data(repeating: 0x62, count: 10))])
  }

  @Test func theLimitMayChangeBetweenLines() {
    var splitter = LineSplitter(limit: 3)
    var events: [LineSplitter.Event] = []
    Data("abc\nabcdef\n".utf8).withUnsafeBytes { bytes in
      splitter.feed(bytes) { splitter, event in
        events.append(event)
        splitter.limit = 6
      }
    }
    #expect(events == [.line(Data("abc".utf8)), .line(Data("abcdef".utf8))])
  }
}
