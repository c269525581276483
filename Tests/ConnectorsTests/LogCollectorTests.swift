import Foundation
import Testing

@testable import Connectors

@Suite struct LogCollectorTests {
  private let start = ContinuousClock.now

  private func collect(_ text: String, into collector: inout LogCollector, after: Duration = .zero) -> [LogLine] {
    Data(text.utf8).withUnsafeBytes { collector.append($0, at: start + after) }
  }

  @Test func readsJSONAndPlainText() {
    var collector = LogCollector()
    let lines = collect(
      """
      {"level":"warning","message":"slow","time":1}
      {"level":"debug","msg":"short name"}
      plain text
      {"broken": 

      Fatal error: Index out of range

      """, into: &collector)
    #expect(
      lines == [
        LogLine(level: "warning", message: "slow"), LogLine(level: "debug", message: "short name"),
        LogLine(level: "info", message: "plain text"), LogLine(level: "info", message: "{\"broken\": "),
        LogLine(level: "error", message: "Fatal error: Index out of range"),
      ])
  }

  @Test func limitsTheRateAndSaysHowManyWereLeftOut() {
    var collector = LogCollector()
    let flood = String(repeating: "x\n", count: 5000)
    #expect(collect(flood, into: &collector).count == Int(LogCollector.burst))
    let later = collect("after\n", into: &collector, after: .seconds(1))
    #expect(later.map(\.level) == ["warning", "info"])
    #expect(later.first?.message.contains("4000 lines") == true)
  }

  @Test func keepsTheNewest() {
    var collector = LogCollector()
    _ = collect(String(repeating: "old\n", count: 40_000) + "last words", into: &collector)
    #expect(collector.newest.utf8.count == LogCollector.tailBytes)
    #expect(collector.newest.hasSuffix("last words"))
    #expect(collector.finish().last?.message.contains("left out") == true)
  }
}
