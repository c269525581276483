import Foundation
import Logging
import Synchronization

/// Lets only so many emulated machines of this process run at once, and only as many of all of one user's processes as
/// the memory holds; the others wait, in their order in one process, and as their turn comes among processes.
///
/// An appliance and a boot proof each take a processor and their guest's memory: more of them than processors take
/// longer, not shorter, and more than the memory holds take everything else down with them.
final class ApplianceGate: Sendable {
  /// As many as there are processors, in half of the computer's memory.
  static let shared: ApplianceGate = {
    let limit = ProcessInfo.processInfo.activeProcessorCount
    let memoryMiB = Int(clamping: ProcessInfo.processInfo.physicalMemory >> 21)
    let host = HostPlaces(folder: HostPlaces.folder(), memoryMiB: memoryMiB)
    return ApplianceGate(limit: limit, memoryMiB: memoryMiB, host: host)
  }()

  /// What QEMU takes beside its guest's memory.
  private static let overheadMiB = 256

  private struct State {
    var free: Int
    var freeMiB: Int
    /// Memory among all processes, by what was asked for.
    var held: [(memoryMiB: Int, place: HostPlaces.Place)] = []
    var waiting: [(id: UUID, memoryMiB: Int, continuation: CheckedContinuation<Bool, Never>)] = []

    func fits(_ memoryMiB: Int) -> Bool { free > 0 && memoryMiB <= freeMiB }

    mutating func take(_ memoryMiB: Int) {
      free -= 1
      freeMiB -= memoryMiB
    }
  }

  private let state: Mutex<State>
  private let memoryMiB: Int
  /// Nil where other processes are not asked.
  private let host: HostPlaces?
  /// How often memory among all processes is looked for.
  private let pause: Duration

  init(limit: Int, memoryMiB: Int = .max, host: HostPlaces? = nil, pause: Duration = .milliseconds(500)) {
    self.memoryMiB = max(1, memoryMiB)
    self.host = host
    self.pause = pause
    state = Mutex(State(free: max(1, limit), freeMiB: max(1, memoryMiB)))
  }

  /// One that needs more than there is runs alone.
  private func cost(_ memoryMiB: Int) -> Int { min(max(0, memoryMiB) + Self.overheadMiB, self.memoryMiB) }

  /// Waits for a place; false when the task was cancelled first, and then there is nothing to leave.
  ///
  /// - Parameters:
  ///   - memoryMiB: The guest's memory. To be named again in `leave`.
  ///   - logger: Told of a wait for other processes.
  func enter(memoryMiB: Int = 0, logger: Logger? = nil) async -> Bool {
    let cost = cost(memoryMiB)
    guard await enterHere(cost) else { return false }
    guard let host else { return true }
    var isWaiting = false
    var turn: HostPlaces.Place?
    defer { turn?.release() }
    while true {
      var answer = HostPlaces.Answer.full
      if turn == nil {
        answer = host.turn()
        if case .taken(let own) = answer { turn = own }
      }
      if turn != nil { answer = host.take(memoryMiB: cost) }
      switch answer {
      case .taken(let place):
        state.withLock { $0.held.append((cost, place)) }
        return true
      case .unknown:
        logger?.warning("the memory of emulated machines cannot be counted among the processes of this user")
        return true
      case .full:
        if !isWaiting {
          isWaiting = true
          logger?.info("waiting for other processes: their emulated machines have the memory that there is for them")
        }
      }
      do {
        try await Task.sleep(for: pause)
      } catch {
        leave(memoryMiB: memoryMiB)
        return false
      }
    }
  }

  private func enterHere(_ cost: Int) async -> Bool {
    let id = UUID()
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
    let cost = cost(memoryMiB)
    let place = state.withLock { state in
      state.held.firstIndex { $0.memoryMiB == cost }.map { state.held.remove(at: $0).place }
    }
    place?.release()
    let next = state.withLock { state in
      state.free += 1
      state.freeMiB += cost
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
