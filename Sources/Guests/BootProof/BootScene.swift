import Support

/// What is seen of a booting machine from outside, and what that says where the guest itself says nothing. Pure.
struct BootScene: Sendable {
  /// A boot manager writes down that it was there, some tens of kilobytes, without a driver of the guest's.
  static let leastWritten: Int64 = 256 << 10
  /// A picture that stays this long is not one on the way to another.
  static let staysFor: Duration = .seconds(15)

  /// Nil where none was taken yet.
  var screen: ScreenKind?
  /// The picture is mostly of the blue on which systems stop or offer to repair themselves.
  var isOnBlue = false
  /// Bytes, by disk.
  var written: [Int64] = []
  /// The machine has a network interface here.
  var hasNetwork = false
  var sentPackets = false
  /// A line came on the serial port that is not the firmware's.
  var guestSpoke = false
  /// What the guest waits for, in its own words.
  var waitsFor: String?
  /// The last that it wrote on its serial port.
  var lastWords = ""

  /// What a failure's reason ends with.
  var after: String {
    lastWords.isEmpty ? "; it wrote nothing on its serial port" : "; the last it wrote: \(lastWords)"
  }

  private var mostWritten: Int64 { written.max() ?? 0 }

  /// The guest's own system is at work: it has its disk, and shows something, which on a black screen says little beside
  /// what it says itself.
  private var runs: Bool {
    mostWritten >= Self.leastWritten && (screen == .ordinary || screen == .dark && !guestSpoke)
  }

  /// As far as can be told from outside, it is up: a system that repairs itself, or offers to, uses no network. Where
  /// it has none here, only the colour of such an offer tells.
  private var isUp: Bool {
    guard runs, !guestSpoke, waitsFor == nil else { return false }
    return sentPackets || screen == .ordinary && !hasNetwork && !isOnBlue
  }

  /// Of a guest whose screen shows one picture, in which at most details change; nil where that proves nothing yet.
  func steady(_ time: Duration) -> BootOutcome? {
    guard isUp, screen == .ordinary else { return nil }
    return proven("its screen has shown one picture for \(Self.seconds(time))")
  }

  /// Nothing at all has changed for `time`.
  func standstill(_ time: Duration) -> BootOutcome {
    let still = "nothing has changed for \(Self.seconds(time))"
    if screen == .stopped { return failed(.panic, "the screen is that of a system that stopped; \(still)") }
    if let waitsFor {
      return failed(mostWritten > 0 ? .standstill : .noRootDisk, "the guest waits, and \(still): \(waitsFor)")
    }
    if isUp { return proven("its screen stands still") }
    if runs, screen == .ordinary { return unclear(.standstill) }
    guard !guestSpoke else { return failed(.standstill, still + after) }
    switch (mostWritten > 0, screen) {
    case (true, .dark), (true, .ordinary):
      return notProvable(
        .standstill, "the guest found its disk, and whether it is up only the picture of its screen tells")
    case (true, _):
      return notProvable(
        .standstill, "the guest found its root disk, and shows nothing on its screen or serial port")
    case (false, _): return failed(.standstill, "the guest wrote to no disk and \(still)" + after)
    }
  }

  /// The time for the whole boot is over.
  ///
  /// - Parameters:
  ///   - steadyFor: How long the screen has shown one picture.
  ///   - goesOn: Whether the boot still moved on lately.
  func timeOver(_ total: Duration, steadyFor: Duration?, goesOn: Bool, isEmulated: Bool) -> BootOutcome {
    if screen != .stopped, waitsFor == nil, runs {
      if let steadyFor, steadyFor >= Self.staysFor, let outcome = steady(steadyFor) { return outcome }
      return unclear(.timeLimit)
    }
    let late = "not up after \(Self.seconds(total))"
    guard isEmulated, goesOn else { return failed(.timeLimit, late + after) }
    return notProvable(.timeLimit, "\(late) on an emulated processor, and the boot still goes on" + after)
  }

  private func proven(_ look: String) -> BootOutcome {
    let network = sentPackets ? ", spoke on its network" : ""
    return BootOutcome(
      verdict: .proven, ending: .stillScreen,
      reason: "it wrote \(Format.bytes(mostWritten)) to a disk\(network), and \(look); it has no console on the serial "
        + "port")
  }

  /// It runs, and nobody here can read what it shows.
  private func unclear(_ ending: BootProof.Ending) -> BootOutcome {
    let network = hasNetwork && !sentPackets ? ", sent nothing on its network" : ""
    return notProvable(
      ending,
      "it runs (it wrote \(Format.bytes(mostWritten)) to a disk\(network)), and whether it is up only people can read from "
        + "its screen")
  }

  private func failed(_ ending: BootProof.Ending, _ why: String) -> BootOutcome {
    BootOutcome(verdict: .failed, ending: ending, reason: why)
  }

  private func notProvable(_ ending: BootProof.Ending, _ why: String) -> BootOutcome {
    BootOutcome(verdict: .notProvable, ending: ending, reason: why)
  }

  private static func seconds(_ time: Duration) -> String { "\(Int(time.components.seconds)) s" }
}
