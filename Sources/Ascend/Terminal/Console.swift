import ConnectorProtocol
import Foundation
import Support

/// What people and scripts read: documents and tables on standard output, everything else on standard error.
enum Console {
  static func out(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
  }

  static func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// A line on a terminal that the next one is written over.
  static func line(_ text: String) {
    FileHandle.standardError.write(Data(("\r\u{1B}[K" + text).utf8))
  }

  /// The one JSON document of a command.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(Timestamp.text(date))
    }
    out(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// An error, and with `--json` the document that stands in the place of the command's own.
  static func failure(_ error: AscendError, json asJSON: Bool) {
    var lines = ["Error: \(Sentences.joined([error.message]))"]
    if let object = error.object, !error.message.contains(object) { lines.append("  on:     \(object)") }
    if let cause = error.cause { lines.append("  why:    \(cause)") }
    if let remedy = error.remedy { lines.append("  remedy: \(remedy)") }
    lines.append("  code:   \(error.code.rawValue)")
    note(lines.joined(separator: "\n"))
    if asJSON {
      do {
        try json(["error": error])
      } catch {
        note("The error could not be written as JSON: \(error)")
      }
    }
  }

  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }
}
