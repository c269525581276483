import Foundation
import Glibc

/// The one directory that holds Ascend's state: the database, the jobs' folders, the targets' own folders.
///
/// Only its owner may enter it: overlays hold the guests' data.
public struct StateDirectory: Sendable {
  public let path: String

  /// `--state`, else `$ASCEND_STATE`, else `$XDG_STATE_HOME/ascend`, else `~/.local/state/ascend`.
  public static func resolve(option: String?, environment: [String: String]) -> String {
    if let option { return absolute(option) }
    if let variable = environment["ASCEND_STATE"], !variable.isEmpty { return absolute(variable) }
    if let base = environment["XDG_STATE_HOME"], base.hasPrefix("/") { return base + "/ascend" }
    return (environment["HOME"] ?? "/root") + "/.local/state/ascend"
  }

  /// Opens the directory, making it where it is missing.
  public init(path: String) throws(AscendError) {
    self.path = path
    try Self.makePrivate(path)
  }

  public var database: String { path + "/ascend.db" }

  /// For files that one piece of work needs: a disk may be unpacked there.
  public var scratch: String { path + "/scratch" }

  /// The folder of one job: overlays, sockets, evidence, logs.
  public func jobFolder(_ job: String) -> String { path + "/jobs/" + job }

  /// The folder that a target's connector may keep its own state in.
  public func targetFolder(_ target: String) -> String { path + "/targets/" + target }

  /// Makes `path`, and what lies above it, enterable by the owner alone.
  ///
  /// - Throws: `state.unwritable`.
  public static func makePrivate(_ path: String) throws(AscendError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw AscendError(
        "state.unwritable", "The folder cannot be made", object: path,
        cause: String(cString: strerror(errno)),
        remedy: "Name another one with --state, or make this one writable")
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw AscendError.system(
        "state.unwritable", "The folder cannot be written to", object: path, errno: errno,
        remedy: "Name another one with --state, or make this one writable")
    }
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
