import AWSClient
import ConnectorProtocol
import Foundation

/// Writes blocks of one snapshot, each until EBS has it.
package struct BlockSender: Sendable {
  /// EBS may not know a snapshot for about two minutes after it was begun.
  static let youth: Double = 130
  private static let attempts = 40
  private static let patience = Duration.seconds(600)

  var ebs: EBS
  var snapshot: String
  var limit: AdaptiveLimit
  /// Until then "there is no such snapshot" means "not yet".
  var youngUntil: ContinuousClock.Instant

  package init(ebs: EBS, snapshot: String, limit: AdaptiveLimit, youngUntil: ContinuousClock.Instant) {
    self.ebs = ebs
    self.snapshot = snapshot
    self.limit = limit
    self.youngUntil = youngUntil
  }

  /// - Throws: `AWSError` for what another attempt does not change, or that lasts too long; `CancellationError`.
  package func send(_ block: Block, percent: Int? = nil) async throws {
    let begin = ContinuousClock.now
    let digest = Data(block.digest).base64EncodedString()
    var attempt = 0
    while true {
      attempt += 1
      try await limit.acquire()
      do {
        try await ebs.put(snapshot, block.index, block.data, digest: digest, percent: percent)
        limit.release(.success)
        return
      } catch let error as AWSError {
        limit.release(error.isThrottled ? .refused : .failed)
        if error.isCancelled { throw CancellationError() }
        if error.isNotFound, .now < youngUntil {
          try await Task.sleep(for: .milliseconds(Int.random(in: 500...1500)))
          continue
        }
        guard error.isRetryable, attempt < Self.attempts, begin.duration(to: .now) < Self.patience else { throw error }
        try await Task.sleep(for: Self.wait(attempt))
      } catch {
        limit.release(.failed)
        throw error
      }
    }
  }

  /// Doubles from 50 to 100 ms up to 5 to 10 s.
  private static func wait(_ attempt: Int) -> Duration {
    let most = min(10_000, 100 << min(attempt - 1, 7))
    return .milliseconds(Int.random(in: most / 2...most))
  }
}
