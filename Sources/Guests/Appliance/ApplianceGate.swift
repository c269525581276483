import Foundation
import Synchronization

/// Lets only so many emulated machines run at once, in so much memory; the others wait their turn, in their order.
///
/// An appliance and a boot proof each take a processor and their guest's memory: more of them than processors take
/// longer, not shorter, and more than the memory holds take everything else down with them.
final class ApplianceGate: Sendable {
  /// As many as there are processors, in half of the computer's memory.
  static let shared = ApplianceGate(
    limit: ProcessInfo.processInfo.activeProcessorCount,
    memoryMiB: Int(clamping: ProcessInfo.processInfo.physicalMemory >> 21))

  /// What QEMU takes beside its guest's memory.
  private static let overheadMiB = 256

  private struct State {
    var free: Int
    var freeMiB: Int
    var waiting: [(id: UUID, memoryMiB: Int, continuation: CheckedContinuation<Bool, Never>)] = []

    func fits(_ memoryMiB: Int) -> Bool { free > 0 && memoryMiB <= freeMiB }

    mutating func take(_ memoryMiB: Int) {
      free -= 1
      freeMiB -= memoryMiB
    }
  }

  private let state: Mutex<State>
  private let memoryMiB: Int

  init(limit: Int, memoryMiB: Int = .max) {
    self.memoryMiB = max(1, memoryMiB)
    state = Mutex(State(free: max(1, limit), freeMiB: max(1, memoryMiB)))
  }

  /// One that needs more than there is runs alone.
  private func cost(_ memoryMiB: Int) -> Int { min(max(0, memoryMiB) + Self.overheadMiB, self.memoryMiB) }

  /// Waits for a place; false when the task was cancelled first, and then there is nothing to leave.
  ///
  /// - Parameter memoryMiB: The guest's memory. To be named again in `leave`.
  func enter(memoryMiB: Int = 0) async -> Bool {
    let id = UUID()
    let cost = cost(memoryMiB)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // Whether it was cancelled is asked under the lock: a later cancellation then finds the entry.
        let answer: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
          // Nobody overtakes: a large one would wait for ever behind small ones.
          if state.waiting.isEmpty, state.fits(cost) {
            state.take(cost)
            return true
          }
          state.waiting.append((id, cost, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      giveUp(id)
    }
  }

  func leave(memoryMiB: Int = 0) {
    let next = state.withLock { state in
      state.free += 1
      state.freeMiB += cost(memoryMiB)
      return Self.admit(&state)
    }
    for continuation in next { continuation.resume(returning: true) }
  }

  private static func admit(_ state: inout State) -> [CheckedContinuation<Bool, Never>] {
    var admitted: [CheckedContinuation<Bool, Never>] = []
    while let first = state.waiting.first, state.fits(first.memoryMiB) {
      state.take(first.memoryMiB)
      admitted.append(first.continuation)
      state.waiting.removeFirst()
    }
    return admitted
  }

  private func giveUp(_ id: UUID) {
    let (own, next) = state.withLock {
      state -> (CheckedContinuation<Bool, Never>?, [CheckedContinuation<Bool, Never>]) in
      guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return (nil, []) }
      let own = state.waiting.remove(at: index).continuation
      // Those behind it may fit where it did not.
      return (own, Self.admit(&state))
    }
    own?.resume(returning: false)
    for continuation in next { continuation.resume(returning: true) }
  }
}
