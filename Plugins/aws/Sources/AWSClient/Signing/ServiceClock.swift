import ConnectorHTTP
import Foundation
import Synchronization

/// The time that the services go by: signatures are refused where this computer's is minutes away from it.
final class ServiceClock: Sendable {
  private struct State {
    /// Ahead of this computer's clock, as last seen; nil before the first answer.
    var seen: TimeInterval?
    /// What signatures are corrected by.
    var correction: TimeInterval = 0
  }

  /// Answers tell whole seconds and take a while to come: less than this is no difference.
  private static let tolerance: TimeInterval = 60

  private let state = Mutex(State())

  /// What signatures are corrected by, in seconds.
  var correction: TimeInterval { state.withLock { $0.correction } }

  var offset: Duration? { state.withLock { $0.seen }.map { .seconds($0) } }

  func observe(_ response: HTTPResponse) {
    guard let date = response.headers["Date"].flatMap(HTTPDate.parse) else { return }
    state.withLock { $0.seen = date.timeIntervalSinceNow }
  }

  /// Corrects signatures by what the last answers said; false where that changes nothing.
  ///
  /// - Parameter used: The correction of the request that was refused. Another one may have been corrected meanwhile.
  func correct(_ used: TimeInterval) -> Bool {
    state.withLock {
      guard $0.correction == used else { return true }
      guard let seen = $0.seen, abs(seen - $0.correction) > Self.tolerance else { return false }
      $0.correction = seen
      return true
    }
  }
}
