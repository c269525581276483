import Foundation
import Glibc
public import Support

/// The secrets of targets: one file for each, outside the database, readable by the owner alone.
public struct Secrets: Sendable {
  private let folder: String

  public init(state: StateDirectory) {
    folder = state.path + "/secrets"
  }

  /// Keeps a target's secrets, by JSON Pointer into its configuration.
  public func keep(_ secrets: [String: String], for target: String) throws(AscendError) {
    guard !secrets.isEmpty else { return }
    try StateDirectory.makePrivate(folder)
    let file = path(target)
    do {
      let data = try JSONEncoder().encode(secrets)
      // Made with its mode, not given it afterwards: there is no moment at which others could read it.
      let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try handle.write(contentsOf: data)
      try handle.synchronize()
    } catch {
      throw AscendError.wrapping(error, as: "secrets.unwritable", "The target's secrets cannot be kept", object: file)
    }
  }

  public func secrets(of target: String) throws(AscendError) -> [String: String] {
    let file = path(target)
    guard FileManager.default.fileExists(atPath: file) else { return [:] }
    do {
      return try JSONDecoder().decode([String: String].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    } catch {
      throw AscendError(
        "secrets.unreadable", "The target's secrets cannot be read", object: file,
        remedy: "Remove the target and add it again")
    }
  }

  public func forget(_ target: String) {
    unlink(path(target))
  }

  private func path(_ target: String) -> String { folder + "/" + target + ".json" }
}
