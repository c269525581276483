import ConnectorProtocol
import Foundation
import Support

/// Follows a booting machine until it is up, has failed, or stands still.
final class BootWatch {
  struct Outcome: Sendable {
    var verdict: BootProof.Verdict
    var ending: BootProof.Ending
    var reason: String
  }

  /// A boot manager writes down that it was there, some tens of kilobytes, without a driver of the guest's.
  private static let leastWritten: Int64 = 256 << 10
  /// A stop screen that stays this long is no picture on the way to another.
  private static let stoppedFor: Duration = .seconds(15)

  /// Restarts that the guest made itself; some systems restart once or twice when their hardware is new.
  private static let mostRestarts = 3
  /// Portions of 64 KiB that are taken from the serial port's pipe at once.
  private static let mostDrained = 16

  private let files: BootMachine.Files
  private let nicCount: Int
  private let machine: SupervisedTool
  private let monitor: MonitorPipe
  private let limits: BootLimits
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var changed: ContinuousClock.Instant
  private var failedAt: ContinuousClock.Instant?
  private let terminal: PipePair
  private var typing: PassphraseTyping
  /// How many questions for a passphrase were answered.
  private var answered = 0
  private var transcript = SerialTranscript()
  private var firmware = SerialTranscript()
  private var serial: GrowingFile
  private var firmwareLog: GrowingFile
  private var news = 0
  private var pictures: [Int] = []
  private(set) var picture: ScreenPicture?
  /// Whether a passphrase was typed.
  var hasTyped: Bool { answered > 0 }
  private var stoppedAt: ContinuousClock.Instant?
  private var text: TextScreen?
  /// Bytes read and written by disk.
  private(set) var disks: [Int: (read: Int64, written: Int64)] = [:]
  private var restarts = 0
  private var use: BootUse?

  /// - Parameters:
  ///   - terminal: The guest's serial port.
  ///   - typing: What is answered there.
  init(
    _ files: BootMachine.Files, _ machine: SupervisedTool, _ monitor: MonitorPipe, _ terminal: PipePair,
    _ typing: PassphraseTyping, _ limits: BootLimits, nicCount: Int
  ) {
    self.files = files
    self.terminal = terminal
    self.typing = typing
    self.nicCount = nicCount
    self.machine = machine
    self.monitor = monitor
    self.limits = limits
    start = clock.now
    changed = clock.now
    serial = GrowingFile(path: files.serial)
    firmwareLog = GrowingFile(path: files.firmwareLog)
  }

  var seconds: Double { Double(start.duration(to: clock.now).components.seconds) }

  func run(_ progress: (String) -> Void) async throws(AscendError) -> Outcome {
    _ = try await monitor.execute("qmp_capabilities")
    var turn = 0
    while true {
      // It is read from the log; what QEMU gives to the pipe must only not fill it.
      for _ in 0..<Self.mostDrained where terminal.receive().isEmpty { break }
      transcript.feed(serial.read())
      firmware.feed(firmwareLog.read())
      if transcript.news != news {
        news = transcript.news
        changed = clock.now
      }
      if turn % 10 == 0 {
        try await look()
        progress("booting: \(Int(seconds)) s, \(lastWords)")
      }
      try countRestarts()
      if var outcome = try await judge() {
        // Words of the guest's, which may show what was typed.
        outcome.reason = typing.hiding(outcome.reason)
        return outcome
      }
      turn += 1
      do { try await Task.sleep(for: .milliseconds(300)) } catch {
        throw AscendError("cancelled", "Cancelled while a guest was booted")
      }
    }
  }

  private func judge() async throws(AscendError) -> Outcome? {
    switch transcript.finding {
    case .up(let prompt):
      try await look()
      return Outcome(verdict: .proven, ending: .login, reason: "up after \(Int(seconds)) s: \(prompt)")
    case .failed(let ending, let why):
      // A moment more: the line that names the culprit comes after the complaint.
      let since = failedAt ?? clock.now
      failedAt = since
      guard since.duration(to: clock.now) >= .seconds(3) else { return nil }
      try await look()
      return failure(ending, why)
    case .asks(let question) where machine.exit == nil && restarts < Self.mostRestarts:
      return try await answer(question) ?? judgeUse()
    case .asks: break
    case nil: break
    }
    if let outcome = judgeScreen() ?? judgeUse() { return outcome }
    // The firmware's own log repeats what it tries: only its end counts, which is when nothing more comes.
    if case .failed(let ending, let why) = firmware.finding, changed.duration(to: clock.now) >= .seconds(10) {
      return failure(ending, why)
    }
    if machine.exit != nil { return failure(.poweredOff, "the machine switched itself off" + after) }
    if restarts >= Self.mostRestarts {
      try await look()
      return failure(.bootLoop, "the guest restarts again and again (\(restarts) times)" + after)
    }
    if changed.duration(to: clock.now) >= limits.still { return standstill() }
    if start.duration(to: clock.now) >= limits.total {
      return failure(.timeLimit, "not up after \(Int(limits.total.components.seconds)) s" + after)
    }
    return nil
  }

  private func answer(_ question: String) async throws(AscendError) -> Outcome? {
    let quiet = changed.duration(to: clock.now)
    if transcript.questionCount > answered, quiet >= .seconds(3), let answer = typing.answer(to: question) {
      answered = transcript.questionCount
      changed = clock.now
      if terminal.send(answer) { return nil }
    }
    // A key file in the guest may answer it all the same: then more comes. What was typed takes long to be tried.
    let isOver = start.duration(to: clock.now) >= limits.total
    guard isOver || quiet >= (transcript.questionCount > answered ? .seconds(20) : limits.still) else { return nil }
    try await look()
    let why = typing.isEmpty ? "which nobody types here (--key)" : "which none of the given keys is"
    return Outcome(
      verdict: .notProvable, ending: .passphrase,
      reason: "it found its disk and asks for the passphrase, \(why): \(question)")
  }

  /// What it writes stays on this computer until the boot is over: one that never ends to write is stopped.
  private func judgeUse() -> Outcome? {
    guard let use, !use.isBearable else { return nil }
    return Outcome(
      verdict: .notProvable, ending: .timeLimit,
      reason: "it writes more than this computer can keep: \(use.description) in \(Int(seconds)) s")
  }

  private func judgeScreen() -> Outcome? {
    if let stoppedAt, stoppedAt.duration(to: clock.now) >= Self.stoppedFor {
      return Outcome(
        verdict: .failed, ending: .panic, reason: "the screen is that of a system that stopped, or could not start")
    }
    switch text?.finding {
    case .up(let prompt):
      // A guest that speaks on its serial port is asked there first: that is kept as evidence.
      guard !transcript.guestSpoke || changed.duration(to: clock.now) >= .seconds(10) else { return nil }
      return Outcome(
        verdict: .proven, ending: .login, reason: "up after \(Int(seconds)) s: \(prompt) (on its screen)")
    case .failed(let ending, let why):
      // Lines stay on a screen while the boot goes on.
      return changed.duration(to: clock.now) >= .seconds(10) ? failure(ending, "\(why) (on its screen)") : nil
    // A question for a passphrase is looked for in what is written on the serial port alone.
    case .asks, nil: return nil
    }
  }

  /// A firmware that cannot read from the controller says nothing about the guest.
  private func failure(_ ending: BootProof.Ending, _ why: String) -> Outcome {
    if ending == .bootLoader, !disks.isEmpty, disks.values.allSatisfy({ $0.read == 0 && $0.written == 0 }) {
      return Outcome(
        verdict: .notProvable, ending: ending, reason: "the firmware of this computer does not start from it (\(why))")
    }
    return Outcome(verdict: .failed, ending: ending, reason: why)
  }

  private func standstill() -> Outcome {
    let still = "nothing has changed for \(Int(limits.still.components.seconds)) s"
    let wrote = disks.values.contains { $0.written > 0 }
    if picture?.kind == .stopped {
      return Outcome(verdict: .failed, ending: .panic, reason: "the screen is that of a system that stopped; \(still)")
    }
    if let waitsFor = transcript.waitsFor {
      return failure(wrote ? .standstill : .noRootDisk, "the guest waits, and \(still): \(waitsFor)")
    }
    guard !transcript.guestSpoke else { return failure(.standstill, still + after) }
    let isUp = disks.values.contains { $0.written >= Self.leastWritten }
    if isUp, picture?.kind == .ordinary || picture?.kind == .dark && sentPackets {
      return Outcome(
        verdict: .proven, ending: .stillScreen,
        reason: "it wrote to its root disk and its screen stands still; it has no console on the serial port")
    }
    if wrote, picture?.kind == .dark || picture?.kind == .ordinary {
      return Outcome(
        verdict: .notProvable, ending: .standstill,
        reason: "the guest found its disk, and whether it is up only the picture of its screen tells")
    }
    if wrote {
      return Outcome(
        verdict: .notProvable, ending: .standstill,
        reason: "the guest found its root disk, and shows nothing on its screen or serial port")
    }
    return failure(.standstill, "the guest wrote to no disk and \(still)" + after)
  }

  private var lastWords: String {
    // What is typed may come back in parts.
    if case .asks(let question) = transcript.finding, answered > 0 { return typing.hiding(question) }
    return typing.hiding(transcript.line.isEmpty ? transcript.lastLine : transcript.line)
  }

  private var after: String {
    lastWords.isEmpty ? "; it wrote nothing on its serial port" : "; the last it wrote: \(lastWords)"
  }

  /// A system that stopped sends nothing; one that is up asks at least for an address.
  private var sentPackets: Bool {
    // The head of a capture has 24 bytes.
    (0..<nicCount).contains { nic in
      let attributes = try? FileManager.default.attributesOfItem(atPath: files.packets(nic))
      return attributes?[.size] as? Int ?? 0 > 24
    }
  }

  private func countRestarts() throws(AscendError) {
    for event in try monitor.takeEvents() where event.name == "RESET" {
      guard event.data["guest"]?.boolValue == true else { continue }
      restarts += 1
      changed = clock.now
    }
  }

  /// Looks at the screen and at what the guest did with its disks.
  private func look() async throws(AscendError) {
    let path = files.folder + "/screen.ppm"
    if try await monitor.execute("screendump", ["filename": .string(path)]) != nil,
      let data = try? Data(contentsOf: URL(fileURLWithPath: path)), let new = ScreenPicture(data)
    {
      picture = new
      stoppedAt = new.kind == .stopped ? stoppedAt ?? clock.now : nil
      text = new.isTextMode ? try await readText() : nil
      // A cursor that blinks shows two pictures in turn: only one that was not there lately is a change.
      if !pictures.contains(new.digest) {
        // The clock of a guest that waits runs on its screen too.
        if transcript.waitsFor == nil { changed = clock.now }
        pictures.append(new.digest)
        if pictures.count > 8 { pictures.removeFirst() }
      }
    }
    guard let answer = try await monitor.execute("query-blockstats"), let list = answer.arrayValue else { return }
    for entry in list {
      guard let name = entry["device"]?.stringValue, name.hasPrefix("disk"), let index = Int(name.dropFirst(4)),
        let stats = entry["stats"]
      else { continue }
      let new = (stats["rd_bytes"]?.integerValue ?? 0, stats["wr_bytes"]?.integerValue ?? 0)
      // Reading goes on in a loop of tries; writing is progress.
      if new.1 != disks[index]?.written ?? 0 { changed = clock.now }
      disks[index] = new
    }
    use = BootUse(files, diskBytes: disks.values.reduce(0) { $0 + $1.written }, nics: nicCount)
  }

  private func readText() async throws(AscendError) -> TextScreen? {
    let path = files.folder + "/screen.text"
    let wanted: [String: JSONValue] = [
      "val": .integer(TextScreen.address), "size": .integer(Int64(TextScreen.bytes)), "filename": .string(path),
    ]
    guard try await monitor.execute("pmemsave", wanted) != nil,
      let memory = try? Data(contentsOf: URL(fileURLWithPath: path))
    else { return nil }
    return TextScreen(memory)
  }

  /// Takes a last picture for people to look at.
  ///
  /// - Returns: False where there is none. None is taken of a screen that may show what was typed.
  func photograph(to path: String) async throws(AscendError) -> Bool {
    guard machine.exit == nil, answered == 0 else { return false }
    return try await monitor.execute("screendump", ["filename": .string(path), "format": "png"]) != nil
  }
}
