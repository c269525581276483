import Support
import Synchronization

/// How far a long read is, on a terminal: one line that is written over.
final class ByteProgressLine: Sendable {
  private let what: String
  private let lastPrint = Mutex<ContinuousClock.Instant?>(nil)

  init(_ what: String) {
    self.what = what
  }

  func show(_ done: Int64, of total: Int64) {
    guard Console.isInteractive else { return }
    lastPrint.withLock { last in
      let now = ContinuousClock.now
      if let last, now - last < .milliseconds(200) { return }
      last = now
      Console.line("\(what): \(Format.bytes(done)) of \(Format.bytes(total))")
    }
  }

  /// Takes the line away.
  func finish() {
    lastPrint.withLock { last in
      if last != nil { Console.line("") }
      last = nil
    }
  }
}
