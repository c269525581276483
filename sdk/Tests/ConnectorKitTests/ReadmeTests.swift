import Foundation
import Testing

@Suite struct ReadmeTests {
  /// The README quotes the example, which is compiled: the quotation must be what is compiled.
  @Test func theQuotedMethodIsThatOfTheExample() throws {
    let sdk = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func lines(_ path: String) throws -> [String] {
      try String(contentsOf: sdk.appending(path: path), encoding: .utf8).split(separator: "\n").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
    let example = try lines("Examples/ExampleConnector/FolderSession.swift")
    let readme = try lines("README.md")
    let begins = { (line: String) in line.hasPrefix("func receive(") }
    let start = try #require(readme.firstIndex(where: begins))
    let quoted = readme[start...].prefix { $0 != "```" }
    #expect(quoted.count > 10)
    let there = try #require(example.firstIndex(where: begins))
    #expect(Array(quoted) == Array(example[there...].prefix(quoted.count)))
  }
}
