import Foundation
import Testing

@testable import Connectors

@Suite struct LineSplitterTests {
  private func split(_ chunks: [String], limit: Int = 8) -> [LineSplitter.Line] {
    var splitter = LineSplitter(limit: limit)
    return chunks.flatMap { chunk in Data(chunk.utf8).withUnsafeBytes { splitter.append($0) } }
  }

  private func whole(_ lines: String...) -> [LineSplitter.Line] { lines.map { .whole(Data($0.utf8)) } }

  @Test func cutsAtNewlinesOnly() {
    #expect(split(["a\nb\u{2028}c\n\n"]) == whole("a", "b\u{2028}c", ""))
    #expect(split(["a\r\nb\u{85}\n"]) == whole("a", "b\u{85}"))
  }

  @Test(arguments: 1...6) func cutsTheSameHoweverItArrives(size: Int) {
    let text = Array("one\ntwo\nthree\n".utf8)
    let chunks = stride(from: 0, to: text.count, by: size).map {
      String(decoding: text[$0..<min($0 + size, text.count)], as: UTF8.self)
    }
    #expect(split(chunks) == whole("one", "two", "three"))
  }

  @Test func exactlyTheLimitFits() {
    #expect(split(["12345678\n"]) == whole("12345678"))
    #expect(split(["123456789\nnext\n"]) == [.oversized(Data("12345678".utf8))] + whole("next"))
  }

  @Test func dropsTheRestOfAnOversizedLineAndReportsItOnce() {
    #expect(split(["123456789", "0123", "45678901234567890", "\nok\n"]).count == 2)
  }

  @Test func keepsWhatNoNewlineEnded() {
    var splitter = LineSplitter(limit: 8)
    _ = Data("a\nrest".utf8).withUnsafeBytes { splitter.append($0) }
    #expect(splitter.finish() == Data("rest".utf8))
    #expect(splitter.finish() == nil)
  }

  @Test func survivesRandomBytes() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var splitter = LineSplitter(limit: 16)
      var lines = 0
      var newlines = 0
      for _ in 0..<10 {
        let bytes = (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: 8...12, using: &generator) }
        newlines += bytes.count { $0 == 0x0A }
        for line in bytes.withUnsafeBytes({ splitter.append($0) }) {
          lines += 1
          if case .whole(let data) = line { #expect(data.count <= 16 && !data.contains(0x0A)) }
        }
      }
      #expect(lines >= newlines)
    }
  }
}
