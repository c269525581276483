public import Foundation

/// A server that ended before it listened, or does not start to.
public struct ServerDidNotStart: Error {
  /// Its file.
  public var program: String
}

extension Process {
  /// Waits until a server has written its number to `pidFile`, which `qemu-nbd` does once it listens. Its socket is there
  /// earlier, and refuses whoever connects between the two. Blocks its thread, for half a minute at most.
  ///
  /// - Throws: `ServerDidNotStart`.
  public func waitForNumber(in pidFile: String) throws {
    for _ in 0..<3000 {
      if access(pidFile, F_OK) == 0 { return }
      guard isRunning else { break }
      usleep(10_000)
    }
    throw ServerDidNotStart(program: executableURL?.path ?? "")
  }
}
