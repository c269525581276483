import ConnectorProtocol
import Foundation

/// The lines of the log, each `{"level", "message", "op"?, "time"}`.
final class LogSink: Sendable {
  /// Longer messages are cut: the host keeps only the newest 256 KiB.
  static let longestMessage = 16 * 1024

  private let writer: LineWriter
  private let redactor: Redactor

  init(descriptor: Int32, redactor: Redactor) {
    writer = LineWriter(descriptor: descriptor)
    self.redactor = redactor
  }

  func write(_ level: ConnectorLogger.Level, _ message: String, op: OperationID?) {
    var text = redactor.redact(message)
    if text.utf8.count > Self.longestMessage { text = text.prefix(Self.longestMessage / 4) + " …" }
    let entry = Entry(level: level.rawValue, message: text, time: Date().formatted(.iso8601), op: op)
    // A log line that cannot be encoded or written has no better place to be reported.
    guard let line = try? CanonicalJSON.encode(entry) else { return }
    writer.write(line)
  }

  private struct Entry: Encodable {
    var level: String
    var message: String
    var time: String
    var op: OperationID?
  }
}
