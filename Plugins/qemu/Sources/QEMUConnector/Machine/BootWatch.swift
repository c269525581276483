import ConnectorProtocol
import Foundation

/// Follows a machine's boot by its serial log until it is up, has failed, or stands still.
struct BootWatch: Sendable {
  var folder: MachineFolder
  /// Seconds for the whole boot.
  var timeout: Double
  /// Seconds without a byte from the guest after which it counts as standing still.
  var stall: Double
  /// Texts that mean that the guest is up, besides a login prompt.
  var success: [String]

  /// What was seen; `pass` only for a guest that is up.
  struct Outcome: Sendable {
    var pass: Bool
    /// True where the guest has no console on its serial port: nothing can be said of it.
    var inconclusive = false
    var detail: String
  }

  func run(_ report: @Sendable (_ line: String, _ bytes: Int) -> Void) async throws -> Outcome {
    let clock = ContinuousClock()
    let start = clock.now
    var heard = start
    var failedAt: ContinuousClock.Instant?
    var log = BootLog(success: success)
    var firmware = BootLog()
    var serial = Follower(path: folder.serialLog)
    var firmwareLog = Follower(path: folder.firmwareLog)

    while true {
      let fresh = try serial.read()
      log.feed(fresh)
      firmware.feed(try firmwareLog.read())
      if !fresh.isEmpty { heard = clock.now }
      report(log.line.isEmpty ? log.lastLine : log.line, log.bytes)

      let seconds = Int(start.duration(to: clock.now).components.seconds)
      switch log.verdict ?? firmware.verdict {
      case .up(let line): return Outcome(pass: true, detail: "up after \(seconds) s: \(line)")
      case .failed(let why):
        // A moment more: the line that names the culprit comes after the complaint.
        let since = failedAt ?? clock.now
        failedAt = since
        if since.duration(to: clock.now) >= .seconds(2) { return Outcome(pass: false, detail: why) }
      case nil: break
      }
      if MachineProcess.find(folder) == nil {
        return Outcome(pass: false, detail: "the machine switched itself off" + after(log))
      }
      if start.duration(to: clock.now) >= .seconds(timeout) {
        return silent(log, "no login prompt in \(Int(timeout)) s")
      }
      if heard.duration(to: clock.now) >= .seconds(stall) {
        return silent(log, "the guest stands still since \(Int(stall)) s")
      }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  private func silent(_ log: BootLog, _ what: String) -> Outcome {
    Outcome(pass: false, inconclusive: !log.guestSpoke, detail: what + after(log))
  }

  private func after(_ log: BootLog) -> String {
    guard log.guestSpoke else { return "; it wrote nothing on its serial port (does it have a console there?)" }
    return "; the last it wrote: \(log.line.isEmpty ? log.lastLine : log.line)"
  }

  /// Reads what a growing file has got since the last time, in bounded portions.
  struct Follower {
    var path: String
    private var offset: Int64 = 0

    init(path: String) { self.path = path }

    mutating func read() throws -> Data {
      let file: Descriptor
      do {
        file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW)
      } catch let error where error.number == ENOENT {
        return Data()
      }
      // A machine that was started again begins a new file.
      if Int64(try file.status(path).st_size) < offset { offset = 0 }
      let data = try file.read(from: offset, limit: 1 << 20)
      offset += Int64(data.count)
      return data
    }
  }
}
