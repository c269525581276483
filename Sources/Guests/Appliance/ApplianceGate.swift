import Foundation
import Synchronization

/// Lets only so many appliances run at once; the others wait their turn.
///
/// Each takes half a gigabyte and a processor: more of them than processors take longer, not shorter.
final class ApplianceGate: Sendable {
  static let shared = ApplianceGate(limit: ProcessInfo.processInfo.activeProcessorCount)

  private struct State {
    var free: Int
    var waiting: [(id: UUID, continuation: CheckedContinuation<Bool, Never>)] = []
  }

  private let state: Mutex<State>

  init(limit: Int) { state = Mutex(State(free: max(1, limit))) }

  /// Waits for a place; false when the task was cancelled first, and then there is nothing to leave.
  func enter() async -> Bool {
    let id = UUID()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // Whether it was cancelled is asked under the lock: a later cancellation then finds the entry.
        let answer: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
          if state.free > 0 {
            state.free -= 1
            return true
          }
          state.waiting.append((id, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      giveUp(id)
    }
  }

  func leave() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard !state.waiting.isEmpty else {
        state.free += 1
        return nil
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume(returning: true)
  }

  private func giveUp(_ id: UUID) {
    let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
      return state.waiting.remove(at: index).continuation
    }
    continuation?.resume(returning: false)
  }
}
