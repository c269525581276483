import ConnectorProtocol
import Foundation

/// The errors of this connector, each with what to do.
enum Failure {
  static let packages = "Install QEMU (Debian and Ubuntu: qemu-system-x86 and qemu-utils)."

  static func toolMissing(_ tool: String, _ error: SystemError) -> ConnectorError {
    ConnectorError(
      .dependencyMissing, "\(tool) cannot be started: \(error.reason).", remedy: packages, outcome: .none)
  }

  static func toolBroken(_ tool: String, _ said: String) -> ConnectorError {
    ConnectorError(
      .dependencyMissing, "\(tool) does not tell its version: \(said)", remedy: packages, outcome: .none)
  }

  static func toolTooOld(_ tool: String, found: Host.Version, needed: Host.Version) -> ConnectorError {
    ConnectorError(
      .dependencyMissing, "\(tool) is of version \(found); \(needed) or newer is needed.", remedy: packages,
      outcome: .none)
  }

  static func nameTaken(_ name: String, in folder: String, by holder: String) -> ConnectorError {
    ConnectorError(
      .nameTaken, "The machine name '\(name)' is taken in \(folder): \(holder).",
      remedy: "Choose another name, or remove that machine's folder if it is not needed any more.", outcome: .none)
  }

  static func noMachine(_ name: String, in folder: String, why: String) -> ConnectorError {
    ConnectorError(
      .notFound, "There is no machine '\(name)' of this job in \(folder): \(why).",
      remedy: "Look into the folder; restore the machine again if it was removed.", outcome: .none)
  }

  static func staleCheckpoint(_ disk: MachinePlan.Disk, _ why: String) -> ConnectorError {
    ConnectorError(
      .staleCheckpoint, "Disk \(disk.index) cannot be taken up at its checkpoint: \(why).",
      remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
  }

  static func serverEnded(_ image: String, _ exit: Program.Exit, _ said: String) -> ConnectorError {
    let last = said.split(whereSeparator: \.isNewline).last.map(String.init) ?? "it said nothing"
    return ConnectorError(
      .platformTaskFailed, "qemu-nbd ended over \(image) with \(exit.text): \(last)",
      remedy: "Look at what qemu-nbd said, put it right and retry.", outcome: .partial,
      provider: ConnectorError.ProviderError(message: last))
  }

  /// qemu-img has failed. It says so in words only: a full disk is known by them.
  static func imageTool(_ path: String, _ said: String) -> ConnectorError {
    if said.contains(String(cString: strerror(ENOSPC))) {
      return system(SystemError("write", path, number: ENOSPC), doing: "Making \(path)", outcome: .partial)
    }
    return ConnectorError(
      .platformTaskFailed, "qemu-img cannot work with \(path): \(said)",
      remedy: "Look at what qemu-img said, put it right and retry.", outcome: .partial,
      provider: ConnectorError.ProviderError(message: said))
  }

  /// What a failed system call means to the person: a full disk, a missing right, or neither.
  static func system(_ error: SystemError, doing what: String, outcome: Outcome = .unknown) -> ConnectorError {
    let message = "\(what) failed: \(error.reason) (\(error.object))."
    return switch error.number {
    case ENOSPC, EDQUOT, EFBIG:
      ConnectorError(
        .capacityExhausted, message,
        remedy: "Free space on the file system of the machines' folder, or choose a folder on another one, and retry.",
        outcome: outcome)
    case EACCES, EPERM, EROFS:
      ConnectorError(
        .permissionDenied, message, remedy: "Give this user the right to write there, or choose another folder.",
        outcome: outcome, details: ["missing": [.string("write \(error.object)")]])
    default:
      ConnectorError(
        .platformTaskFailed, message, remedy: "Look at what is there, put it right and retry.", outcome: outcome)
    }
  }

  /// Runs `body`; a failed system call in it becomes an error that says what was being done.
  static func translating<T>(_ what: String, outcome: Outcome = .unknown, _ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as SystemError { throw system(error, doing: what, outcome: outcome) }
  }
}
