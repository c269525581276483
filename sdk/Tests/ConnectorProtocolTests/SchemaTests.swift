import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

/// `protocol/validate`, which shares nothing with the Swift types, finds the files in order and a broken one not.
@Suite struct SchemaTests {
  private func validate(_ arguments: String...) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments =
      ["-W", "ignore", ProtocolFiles.folder.appendingPathComponent("validate").path] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    return (process.waitForEnd(), String(decoding: output, as: UTF8.self))
  }

  @Test func schemasExamplesAndTranscriptsAreValid() throws {
    let (status, output) = try validate()
    #expect(status == 0, "\(output)")
    #expect(output.contains(" 0 faults"))
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var transcript: String
    var from: String
    var to: String
    var testDescription: String { "\(transcript): \(from) → \(to)" }
  }

  static let damages = [
    Damage(transcript: "full-restore", from: #""sizeBytes":67108864"#, to: #""sizeBytes":-1"#),
    Damage(transcript: "full-restore", from: #""jsonrpc":"2.0""#, to: #""jsonrpc":"1.0""#),
    Damage(transcript: "full-restore", from: #""bytesRead":"#, to: #""bytesread":"#),
    Damage(transcript: "errors", from: #""code":1307"#, to: #""code":1308"#),
    Damage(transcript: "errors", from: #""outcome":"none","#, to: ""),
    Damage(transcript: "ledger", from: #""event":"intend""#, to: #""event":7"#),
    Damage(transcript: "rollback", from: "< {", to: "> {"),
  ]

  @Test(arguments: damages) func aBrokenTranscriptIsRefused(_ damage: Damage) throws {
    let text = String(decoding: try ProtocolFiles.data("v1/transcripts/\(damage.transcript).jsonl"), as: UTF8.self)
    let range = try #require(text.range(of: damage.from))
    let broken = FileManager.default.temporaryDirectory
      .appendingPathComponent("broken-\(TimeOrderedUUID.make()).jsonl")
    defer { try? FileManager.default.removeItem(at: broken) }
    try Data(text.replacingCharacters(in: range, with: damage.to).utf8).write(to: broken)
    let (status, output) = try validate(broken.path)
    #expect(status == 1, "\(output)")
  }

  @Test func digestVectorsAreThoseOfTheirScript() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [ProtocolFiles.folder.appendingPathComponent("digest-vectors").path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitForEnd()
    #expect(output == (try ProtocolFiles.data("v1/digest-vectors.json")))
  }
}
