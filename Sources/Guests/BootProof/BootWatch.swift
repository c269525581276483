import ConnectorProtocol
import Foundation
import Support

/// Follows a booting machine until it is up, has failed, or stands still.
final class BootWatch {
  /// Portions of 64 KiB that are taken from the serial port's pipe at once.
  private static let mostDrained = 16

  private let files: BootMachine.Files
  private let nicCount: Int
  private let hasNetwork: Bool
  private let isEmulated: Bool
  private let machine: SupervisedTool
  private let monitor: MonitorPipe
  private let limits: BootLimits
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var changes: BootChanges
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
  private var newLines = 0
  private var picture: ScreenPicture?
  private var stoppedAt: ContinuousClock.Instant?
  private var text: TextScreen?
  /// Bytes read and written by disk.
  private(set) var disks: [Int: (read: Int64, written: Int64)] = [:]
  private(set) var restarts = BootRestarts()
  private var use: BootUse?

  /// - Parameters:
  ///   - terminal: The guest's serial port.
  ///   - typing: What is answered there.
  ///   - hasNetwork: Whether one of the `nicCount` interfaces is really there.
  init(
    _ files: BootMachine.Files, _ machine: SupervisedTool, _ monitor: MonitorPipe, _ terminal: PipePair,
    _ typing: PassphraseTyping, _ limits: BootLimits, nicCount: Int, hasNetwork: Bool, isEmulated: Bool
  ) {
    self.files = files
    self.terminal = terminal
    self.typing = typing
    self.nicCount = nicCount
    self.hasNetwork = hasNetwork
    self.isEmulated = isEmulated
    self.machine = machine
    self.monitor = monitor
    self.limits = limits
    start = clock.now
    changes = BootChanges(at: clock.now)
    serial = GrowingFile(path: files.serial)
    firmwareLog = GrowingFile(path: files.firmwareLog)
  }

  /// Whether a passphrase was typed.
  var hasTyped: Bool { answered > 0 }

  var seconds: Double { Double(start.duration(to: clock.now).components.seconds) }

  func run(_ progress: (String) -> Void) async throws(AscendError) -> BootOutcome {
    _ = try await monitor.execute("qmp_capabilities")
    var turn = 0
    while true {
      listen()
      if turn % 10 == 0 {
        try await look()
        progress("booting: \(Int(seconds)) s, \(lastWords)")
      }
      try await countRestarts()
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

  private func listen() {
    // It is read from the log; what QEMU gives to the pipe must only not fill it.
    for _ in 0..<Self.mostDrained where terminal.receive().isEmpty { break }
    transcript.feed(serial.read())
    firmware.feed(firmwareLog.read())
    guard transcript.news != news else { return }
    changes.spoke(isNew: transcript.newLines != newLines, at: clock.now)
    (news, newLines) = (transcript.news, transcript.newLines)
  }

  private func judge() async throws(AscendError) -> BootOutcome? {
    switch transcript.finding {
    case .up(let prompt):
      try await look()
      return BootOutcome(verdict: .proven, ending: .login, reason: "up after \(Int(seconds)) s: \(prompt)")
    case .failed(let ending, let why):
      // A moment more: the line that names the culprit comes after the complaint.
      let since = failedAt ?? clock.now
      failedAt = since
      guard since.duration(to: clock.now) >= .seconds(3) else { return nil }
      try await look()
      return failure(ending, why)
    case .asks(let question) where machine.exit == nil && !restarts.isLoop:
      return try await answer(question) ?? judgeUse()
    case .asks, nil: break
    }
    if let outcome = judgeScreen() ?? judgeUse() { return outcome }
    // The firmware's own log repeats what it tries: only its end counts, which is when nothing more comes.
    if case .failed(let ending, let why) = firmware.finding, quiet >= .seconds(10) { return failure(ending, why) }
    if machine.exit != nil { return failure(.poweredOff, "the machine switched itself off" + scene.after) }
    if restarts.isLoop {
      try await look()
      return failure(.bootLoop, "the guest restarts again and again (\(restarts.count) times)" + scene.after)
    }
    return judgeTime()
  }

  private func judgeTime() -> BootOutcome? {
    let steadyFor = changes.steadySince.map { $0.duration(to: clock.now) }
    if let steadyFor, steadyFor >= limits.still, let outcome = scene.steady(steadyFor) { return outcome }
    if quiet >= limits.still { return scene.standstill(limits.still) }
    guard start.duration(to: clock.now) >= limits.total else { return nil }
    let goesOn = changes.progress.duration(to: clock.now) < limits.lately
    return scene.timeOver(limits.total, steadyFor: steadyFor, goesOn: goesOn, isEmulated: isEmulated)
  }

  private func answer(_ question: String) async throws(AscendError) -> BootOutcome? {
    let quiet = quiet
    if transcript.questionCount > answered, quiet >= .seconds(3), let answer = typing.answer(to: question) {
      answered = transcript.questionCount
      changes.note(at: clock.now)
      if terminal.send(answer) { return nil }
    }
    // A key file in the guest may answer it all the same: then more comes. What was typed takes long to be tried.
    let isOver = start.duration(to: clock.now) >= limits.total
    guard isOver || quiet >= (transcript.questionCount > answered ? .seconds(20) : limits.still) else { return nil }
    try await look()
    let why = typing.isEmpty ? "which nobody types here (--key)" : "which none of the given keys is"
    return BootOutcome(
      verdict: .notProvable, ending: .passphrase,
      reason: "it found its disk and asks for the passphrase, \(why): \(question)")
  }

  /// What it writes stays on this computer until the boot is over: one that never ends to write is stopped.
  private func judgeUse() -> BootOutcome? {
    guard let use, !use.isBearable else { return nil }
    return BootOutcome(
      verdict: .notProvable, ending: .timeLimit,
      reason: "it writes more than this computer can keep: \(use.description) in \(Int(seconds)) s")
  }

  private func judgeScreen() -> BootOutcome? {
    if let stoppedAt, stoppedAt.duration(to: clock.now) >= BootScene.staysFor {
      return failure(.panic, "the screen is that of a system that stopped, or could not start")
    }
    switch text?.finding {
    case .up(let prompt):
      // A guest that speaks on its serial port is asked there first: that is kept as evidence.
      guard !transcript.guestSpoke || quiet >= .seconds(10) else { return nil }
      return BootOutcome(
        verdict: .proven, ending: .login, reason: "up after \(Int(seconds)) s: \(prompt) (on its screen)")
    case .failed(let ending, let why):
      // Lines stay on a screen while the boot goes on.
      return quiet >= .seconds(10) ? failure(ending, "\(why) (on its screen)") : nil
    // A question for a passphrase is looked for in what is written on the serial port alone.
    case .asks, nil: return nil
    }
  }

  /// A firmware that cannot read from the controller says nothing about the guest.
  private func failure(_ ending: BootProof.Ending, _ why: String) -> BootOutcome {
    if ending == .bootLoader, !disks.isEmpty, disks.values.allSatisfy({ $0.read == 0 && $0.written == 0 }) {
      return BootOutcome(
        verdict: .notProvable, ending: ending, reason: "the firmware of this computer does not start from it (\(why))")
    }
    return BootOutcome(verdict: .failed, ending: ending, reason: why)
  }

  /// How long nothing at all has changed.
  private var quiet: Duration { changes.any.duration(to: clock.now) }

  private var scene: BootScene {
    BootScene(
      screen: picture?.kind, isOnBlue: picture?.isOnBlue ?? false, written: disks.values.map(\.written),
      hasNetwork: hasNetwork, sentPackets: sentPackets, guestSpoke: transcript.guestSpoke,
      waitsFor: transcript.waitsFor, lastWords: lastWords)
  }

  private var lastWords: String {
    // What is typed may come back in parts.
    if case .asks(let question) = transcript.finding, answered > 0 { return typing.hiding(question) }
    return typing.hiding(transcript.line.isEmpty ? transcript.lastLine : transcript.line)
  }

  /// A system that stopped sends nothing; one that is up asks at least for an address.
  private var sentPackets: Bool {
    // The head of a capture has 24 bytes.
    (0..<nicCount).contains { nic in
      let attributes = try? FileManager.default.attributesOfItem(atPath: files.packets(nic))
      return attributes?[.size] as? Int ?? 0 > 24
    }
  }

  private func countRestarts() async throws(AscendError) {
    for event in try monitor.takeEvents() where event.name == "RESET" {
      guard event.data["guest"]?.boolValue == true else { continue }
      if machine.exit == nil { try await lookAtDisks() }
      restarts.note(
        read: disks.values.reduce(0) { $0 + $1.read }, written: disks.values.reduce(0) { $0 + $1.written })
      changes.note(at: clock.now)
    }
  }

  /// Looks at the screen and at what the guest did with its disks.
  private func look() async throws(AscendError) {
    if let new = try await monitor.screen(in: files.folder) {
      picture = new
      stoppedAt = new.kind == .stopped ? stoppedAt ?? clock.now : nil
      text = new.isTextMode ? try await monitor.text(in: files.folder) : nil
      // The clock of a guest that waits runs on its screen too.
      changes.saw(new, waits: transcript.waitsFor != nil, at: clock.now)
    }
    try await lookAtDisks()
    use = BootUse(files, diskBytes: disks.values.reduce(0) { $0 + $1.written }, nics: nicCount)
  }

  private func lookAtDisks() async throws(AscendError) {
    guard let new = try await monitor.diskUse() else { return }
    // Reading goes on in a loop of tries; writing is progress.
    if new.contains(where: { $1.written != disks[$0]?.written ?? 0 }) { changes.wrote(at: clock.now) }
    disks = new
  }

  /// Takes a last picture for people to look at.
  ///
  /// - Returns: False where there is none. None is taken of a screen that may show what was typed.
  func photograph(to path: String) async throws(AscendError) -> Bool {
    guard machine.exit == nil, answered == 0 else { return false }
    return try await monitor.execute("screendump", ["filename": .string(path), "format": "png"]) != nil
  }
}
