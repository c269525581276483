import ConnectorProtocol
import Foundation

/// Switches a machine on and off. Every way is safe to go again.
struct Power: Sendable {
  var folder: MachineFolder
  var name: String
  /// Seconds that a guest gets to shut down before it is ended.
  var grace: Double = 90

  var isOn: Bool { MachineProcess.find(folder) != nil }

  /// Starts it by its own script, detached: it goes on running when this process ends.
  func on(_ accelerator: Accelerator) async throws {
    if isOn { return }
    let result: Tool
    do {
      result = try await Tool.run(
        folder.run, ["start", "--accel", accelerator.rawValue], in: folder.path, seconds: 120)
    } catch let error as SystemError {
      throw Failure.system(error, doing: "Starting machine '\(name)'", outcome: .none)
    }
    guard result.exit?.succeeded == true, isOn else {
      throw ConnectorError(
        .platformTaskFailed, "QEMU did not start machine '\(name)': \(result.lastError)",
        remedy: "Run \(folder.run) start by hand and see what QEMU says.", outcome: .none,
        provider: ConnectorError.ProviderError(message: result.lastError))
    }
  }

  /// Asks the guest to shut down, and ends QEMU when it has not in time. True: the guest did it.
  func stop(unless cancelled: Flag) throws -> Bool {
    guard let process = MachineProcess.find(folder) else { return true }
    do {
      let conversation = try QMP(folder)
      _ = try conversation.execute("system_powerdown")
    } catch is SystemError {
      // It cannot be asked; the process is ended below.
      try off()
      return false
    }
    let deadline = ContinuousClock.now + .seconds(grace)
    while process.isRunning {
      if cancelled.isRaised { throw CancellationError() }
      if ContinuousClock.now >= deadline {
        try off()
        return false
      }
      usleep(100_000)
    }
    return true
  }

  /// Ends QEMU: by its own command, so that it closes its disks; where it does not answer, by signal.
  func off() throws {
    guard let process = MachineProcess.find(folder) else { return }
    // A QEMU that is already going closes the connection instead of answering.
    if let conversation = try? QMP(folder, seconds: 5) { _ = try? conversation.execute("quit", seconds: 5) }
    if process.waitForEnd(seconds: 10) { return }
    guard process.end() else {
      throw ConnectorError(
        .platformTaskFailed, "QEMU of machine '\(name)' (process \(process.number)) does not end.",
        remedy: "See what the process waits for (often a file system that does not answer), then retry.",
        outcome: .partial)
    }
  }
}
