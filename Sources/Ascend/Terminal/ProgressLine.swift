import Foundation
import Restore
import Support
import Synchronization

/// A job's progress on standard error: on a terminal one line that is written over, else a line now and then.
final class ProgressLine: RestoreObserver {
  private let interactive: Bool
  private let verbose: Bool
  private let state = Mutex(State())

  private struct State {
    var width = 0
    var lastPrint: ContinuousClock.Instant?
  }

  init(verbose: Bool) {
    interactive = Console.isInteractive
    self.verbose = verbose
  }

  func stepStarted(_ step: RestoreStep.Name) {
    show("\(Self.label(step)) …", replaceable: true, force: true)
  }

  func stepEnded(_ step: RestoreStep.Name, status: RestoreStep.Status, seconds: Double) {
    let time = status == .skipped ? "" : " in \(Format.duration(seconds: seconds))"
    show("\(Self.label(step)) \(status.rawValue)\(time)", replaceable: false, force: true)
  }

  func progress(_ progress: JobProgress) {
    var text = "\(Self.label(progress.step)) \(Int(progress.percent)) %"
    if progress.step == .transfer, progress.bytesTotal > 0 {
      text += "  \(Format.bytes(progress.bytesDone)) of \(Format.bytes(progress.bytesTotal))"
      if let rate = progress.bytesPerSecond { text += "  \(Format.rate(bytesPerSecond: rate))" }
      if let left = progress.secondsLeft { text += "  \(Format.duration(seconds: left)) left" }
    }
    if let message = progress.message, !message.isEmpty { text += "  \(message)" }
    show(text, replaceable: true, force: false)
  }

  func event(_ level: EventRecord.Level, _ kind: String, _ message: String) {
    let wanted = verbose || level == .warning || (level == .info && (kind == "guest" || kind == "verify"))
    // Steps and the job's end are shown in their own way.
    guard wanted, kind != "step", !(kind == "job" && level == .error) else { return }
    show("  \(level == .warning ? "warning: " : "")\(message)", replaceable: false, force: true)
  }

  /// Ends the line that is written over.
  func finish() {
    state.withLock { state in
      guard interactive, state.width > 0 else { return }
      Self.write("\r" + String(repeating: " ", count: state.width) + "\r")
      state.width = 0
    }
  }

  private func show(_ text: String, replaceable: Bool, force: Bool) {
    state.withLock { state in
      let now = ContinuousClock.now
      if !force, let last = state.lastPrint, now - last < (interactive ? .milliseconds(150) : .seconds(10)) { return }
      state.lastPrint = now
      guard interactive else {
        Self.write(text + "\n")
        return
      }
      let line = String(text.prefix(Self.columns - 1))
      let padding = String(repeating: " ", count: max(0, state.width - line.count))
      Self.write("\r" + line + padding + (replaceable ? "" : "\n"))
      state.width = replaceable ? line.count : 0
    }
  }

  private static func label(_ step: RestoreStep.Name) -> String {
    step.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
  }

  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 100 }
    return Int(size.ws_col)
  }

  private static func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
