import Foundation

/// A line of a connector's log.
struct LogLine: Equatable {
  var level: String
  var message: String
}

/// Makes log lines of a connector's standard error, at a bounded rate, and keeps the newest of it for a crash report.
///
/// A line that is a JSON object with `level` and `message` is one entry; any other text is one of level `info`, and one
/// that says that the program trapped is one of level `error`.
struct LogCollector {
  static let maxLineBytes = 64 << 10
  static let tailBytes = 64 << 10
  static let linesPerSecond = 200.0
  static let burst = 1000.0

  private var splitter = LineSplitter(limit: maxLineBytes)
  private var tail = Data()
  private var allowance = burst
  private var countedAt: ContinuousClock.Instant?
  private var dropped = 0

  mutating func append(_ bytes: UnsafeRawBufferPointer, at now: ContinuousClock.Instant) -> [LogLine] {
    keep(bytes)
    refill(at: now)
    return splitter.append(bytes).flatMap { line -> [LogLine] in
      switch line {
      case .whole(let data): admit(Self.parse(data))
      case .oversized(let data): admit(LogLine(level: "info", message: Self.text(data) + " […]"))
      }
    }
  }

  /// The last line, where no newline ended it, and how many were left out.
  mutating func finish() -> [LogLine] {
    var lines = splitter.finish().map { [Self.parse($0)] } ?? []
    if dropped > 0 { lines.append(note()) }
    return lines
  }

  /// The newest 64 KiB as text.
  var newest: String { Self.text(tail) }

  private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
    tail.append(contentsOf: bytes.suffix(Self.tailBytes))
    if tail.count > Self.tailBytes { tail = Data(tail.suffix(Self.tailBytes)) }
  }

  private mutating func refill(at now: ContinuousClock.Instant) {
    if let countedAt { allowance = min(Self.burst, allowance + (now - countedAt).seconds * Self.linesPerSecond) }
    countedAt = now
  }

  private mutating func admit(_ line: LogLine) -> [LogLine] {
    guard !line.message.isEmpty else { return [] }
    guard allowance >= 1 else {
      dropped += 1
      return []
    }
    allowance -= 1
    return dropped > 0 ? [note(), line] : [line]
  }

  private mutating func note() -> LogLine {
    defer { dropped = 0 }
    return LogLine(
      level: "warning", message: "\(dropped) lines of the connector's log were left out: it wrote too fast")
  }

  static func parse(_ data: Data) -> LogLine {
    if data.first == UInt8(ascii: "{"), let entry = try? JSONDecoder().decode(Entry.self, from: data) {
      return LogLine(level: entry.level ?? "info", message: entry.message ?? entry.msg ?? text(data))
    }
    let message = text(data)
    let trapped = message.hasPrefix("Fatal error") || message.contains("*** Program crashed")
    return LogLine(level: trapped ? "error" : "info", message: message)
  }

  private static func text(_ data: Data) -> String { String(decoding: data, as: UTF8.self) }

  private struct Entry: Decodable {
    var level: String?
    var message: String?
    var msg: String?
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
