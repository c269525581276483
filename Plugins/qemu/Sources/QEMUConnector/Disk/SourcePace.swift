import ConnectorProtocol
import Foundation
import Synchronization

/// Holds a copy to the limits of the host, on a thread that may wait.
final class SourcePace: Sendable {
  private static let pause: useconds_t = 50_000

  private let limits: TransferLimits?
  private let stopped: Flag
  private let paid = Mutex<Int64>(0)

  init(limits: TransferLimits?, stopped: Flag) {
    self.limits = limits
    self.stopped = stopped
  }

  /// Waits until as many bytes may have been read.
  ///
  /// - Throws: `CancellationError`.
  func keep(to bytes: Int64) throws {
    let due = paid.withLock { paid in
      defer { paid = max(paid, bytes) }
      return bytes - paid
    }
    while !stopped.isRaised {
      guard due > 0, let limits, !limits.admits(bytes: Int(due)) else { return }
      usleep(Self.pause)
    }
    throw CancellationError()
  }
}
