import ConnectorProtocol
import Foundation
import Synchronization

/// The messages that a connector has sent, and those who wait for one.
final class HarnessMailbox: Sendable {
  private struct Waiter {
    var id: Int
    var fits: @Sendable (Envelope) -> Bool
    var continuation: CheckedContinuation<Envelope, any Error>
  }

  private struct State {
    var all: [Envelope] = []
    var untaken: [Envelope] = []
    var waiters: [Waiter] = []
    var nextWaiter = 0
    var ended = false
  }

  private let state = Mutex(State())

  var all: [Envelope] { state.withLock { $0.all } }

  func put(_ envelope: Envelope) {
    let waiter = state.withLock { state -> Waiter? in
      state.all.append(envelope)
      guard let index = state.waiters.firstIndex(where: { $0.fits(envelope) }) else {
        state.untaken.append(envelope)
        return nil
      }
      return state.waiters.remove(at: index)
    }
    waiter?.continuation.resume(returning: envelope)
  }

  func end() {
    let waiters = state.withLock { state in
      defer { state.waiters = [] }
      state.ended = true
      return state.waiters
    }
    for waiter in waiters { waiter.continuation.resume(throwing: HarnessError.ended) }
  }

  func take(within seconds: Double, _ fits: @escaping @Sendable (Envelope) -> Bool) async throws -> Envelope {
    try await withCheckedThrowingContinuation { continuation in
      let now: Result<Envelope, any Error>? = state.withLock { state in
        if let index = state.untaken.firstIndex(where: fits) { return .success(state.untaken.remove(at: index)) }
        if state.ended { return .failure(HarnessError.ended) }
        let id = state.nextWaiter
        state.nextWaiter += 1
        state.waiters.append(Waiter(id: id, fits: fits, continuation: continuation))
        // On a queue of its own: code under test may block the threads of the concurrency runtime.
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in self?.expire(id) }
        return nil
      }
      if let now { continuation.resume(with: now) }
    }
  }

  private func expire(_ id: Int) {
    let waiter = state.withLock { state -> Waiter? in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
      return state.waiters.remove(at: index)
    }
    waiter?.continuation.resume(throwing: HarnessError.timedOut)
  }
}
